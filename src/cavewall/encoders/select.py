"""Chooses the encoder of a wall: the one that the user names, or the one that the wall names.

A wall names its encoder in its metadata, but a wall may come from anywhere. So only the packaged
model is loaded because a wall names it; the user has to name any other once for that wall, and the
choice is kept in the user's configuration.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import platformdirs

from cavewall._internal.files import atomic_file
from cavewall.encoders.image_registry import resolve_image
from cavewall.encoders.protocol import Encoder, EncoderIdentity, ImageEncoder
from cavewall.encoders.resolve import DEFAULT, resolve
from cavewall.errors import EncoderMismatchError, InputError

__all__ = ["encoder_for_wall", "image_encoder_for_wall", "walls_with_choices"]

_TEXT, _IMAGE = "--encoder", "--image-encoder"
_OTHERWISE = {
    _TEXT: "make a new wall for the other encoder",
    _IMAGE: "drop its image space first, with cavewall reencode --space image --discard",
}


def encoder_for_wall(
    address: str, asked: str | Encoder | None, wanted: EncoderIdentity | None
) -> Encoder:
    """The encoder for the wall at `address`, made with `wanted` (None: a new wall).

    Raises:
        EncoderMismatchError: the one asked for gives other vectors than the wall's, or the wall
            names a model that the user never named.
    """
    _check_modality(
        asked, "encode", "encode_images", "sees pictures: pass it as image_encoder, not as encoder"
    )
    if asked is None:
        encoder = _unasked(address, wanted)
    elif isinstance(asked, str):
        if wanted is not None and not _may_be(asked, wanted.name):
            # Compared by name, so that nothing is downloaded only to be refused.
            raise _mismatch(address, wanted, asked)
        encoder = resolve(asked)
    else:
        encoder = asked
    if wanted is not None and not encoder.identity.same_vectors_as(wanted):
        raise _mismatch(address, wanted, str(encoder.identity))
    if isinstance(asked, str) and asked != DEFAULT:
        _remember(address, asked, encoder.identity.digest)
    return encoder


def image_encoder_for_wall(
    address: str, asked: str | ImageEncoder | None, wanted: EncoderIdentity | None
) -> ImageEncoder | None:
    """The image encoder for the wall at `address`, whose image vectors are of `wanted` (None: it
    has none); None if neither the wall nor the caller names one.

    Raises:
        EncoderMismatchError: the one asked for gives other vectors than the wall's, or the wall
            names a model that the user never named.
    """
    _check_modality(
        asked, "encode_images", "encode", "reads texts alone: pass it as encoder, not image_encoder"
    )
    if asked is None:
        if wanted is None:
            return None
        encoder = resolve_image(_allowed(address, wanted, _IMAGE))
    elif isinstance(asked, str):
        if wanted is not None and not _may_be(asked, wanted.name):
            raise _mismatch(address, wanted, asked, _IMAGE)
        encoder = resolve_image(asked)
    else:
        encoder = asked
    if wanted is not None and not encoder.identity.same_vectors_as(wanted):
        raise _mismatch(address, wanted, str(encoder.identity), _IMAGE)
    if isinstance(asked, str):
        _remember(address, asked, encoder.identity.digest)
    return encoder


def _may_be(asked: str, name: str) -> bool:
    official = "sentence-transformers/"
    return _is_folder(asked) or asked.removeprefix(official) == name.removeprefix(official)


def _unasked(address: str, wanted: EncoderIdentity | None) -> Encoder:
    if wanted is None or wanted.name == DEFAULT:
        return resolve()
    return resolve(_allowed(address, wanted, _TEXT))


def _check_modality(asked: object, wanted: str, other: str, why: str) -> None:
    """Raise InputError for an encoder that has the `other` method and not the one wanted."""
    if isinstance(asked, str) or hasattr(asked, wanted) or not hasattr(asked, other):
        return
    raise InputError(f"{getattr(asked, 'name', asked)} {why}")


def _allowed(address: str, wanted: EncoderIdentity, option: str) -> str:
    """The name or folder that the user once gave for the model that the wall names."""
    chosen = _read(_register()).get(address, {}).get(wanted.digest)
    if chosen is None:
        argument = option.removeprefix("--").replace("-", "_")
        raise EncoderMismatchError(
            f"the wall {address} was made with the {_called(option)} {wanted.name}, which is not "
            f"loaded unasked: say {option} {wanted.name}, or its folder, once (in Python: "
            f"{argument}=)"
        )
    return chosen


def walls_with_choices() -> list[str]:
    """The addresses of walls for which the user named an encoder."""
    return list(_read(_register()))


def _mismatch(
    address: str, wanted: EncoderIdentity, found: str, option: str = _TEXT
) -> EncoderMismatchError:
    return EncoderMismatchError(
        f"the wall {address} was made with {wanted}, and the {_called(option)} asked for is "
        f"{found}: leave {option} out, or {_OTHERWISE[option]}"
    )


def _called(option: str) -> str:
    return option.removeprefix("--").replace("-", " ")


def _remember(address: str, name: str, digest: str) -> None:
    path = _register()
    known = _read(path)
    chosen = str(Path(name).expanduser().resolve()) if _is_folder(name) else name
    # A wall that is being re-encoded has two models for a while.
    named = known.get(address, {})
    if named.get(digest) == chosen:
        return
    # Where nothing can be written, the encoder has to be named every time: no more than that.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(path) as aside:
            aside.write_text(
                json.dumps({**known, address: {**named, digest: chosen}}, indent=1), "utf-8"
            )


def _is_folder(name: str) -> bool:
    return Path(name).expanduser().is_dir()


def _register() -> Path:
    folder = os.environ.get("CAVEWALL_CONFIG") or platformdirs.user_config_dir("cavewall", False)
    return Path(folder) / "encoders.json"


def _read(path: Path) -> dict[str, dict[str, str]]:
    """The configuration: for each wall, names or folders of encoders by digest."""
    try:
        known = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {
        address: {str(digest): str(name) for digest, name in named.items()}
        for address, named in known.items()
        if isinstance(named, dict)
    }
