"""Tags of versions, and restoring older versions."""

from __future__ import annotations

import re

from cavewall.errors import InputError, VersionExpiredError
from cavewall.storage import Store
from cavewall.storage.table_admin import OVERWRITTEN, TableAdmin

__all__ = ["restore", "tag", "untag"]

# Lance accepts more, but cannot list its tags once one is not ASCII.
_NAME = re.compile(r"(?!.*(\.\.|\.lock$|\.$))[A-Za-z_][A-Za-z0-9._-]{0,63}")
_SHOWN = 12


def tag(store: Store, name: str, version: int | None = None) -> int:
    """Tag a version, by default the newest, and return its number. An existing tag is moved.

    Raises:
        InputError: an invalid name, or no such version.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} cannot be a tag: 1 to 64 of the letters a to z and A to Z, digits, `.`, `_` "
            "and `-`, a letter first"
        )
    if name == OVERWRITTEN:
        raise InputError(f"the tag {OVERWRITTEN} is kept for what was last overwritten")
    admin = TableAdmin(store)
    number = store.refresh() if version is None else version
    _check_possible(admin, number)
    try:
        admin.tag(name, number)
    except (VersionExpiredError, ValueError):
        raise InputError(_no_version(admin, number)) from None
    return number


def untag(store: Store, name: str) -> int:
    """Remove a tag and return the number of its version.

    Raises:
        InputError: there is no such tag.
    """
    admin = TableAdmin(store)
    tags = admin.tags()
    if name not in tags:
        raise InputError(f"no version is called {name!r} ({_names(tags)})")
    admin.untag(name)
    return tags[name]


def restore(store: Store, version: int | str) -> int:
    """Restore a version, by number or tag, as the newest, and return its new number.

    The replaced version is tagged `overwritten`, so that a restore can be undone.

    Raises:
        InputError: there is no such version, or it is the newest already.
    """
    admin = TableAdmin(store)
    number = _number(admin, version)
    if number == store.refresh():
        raise InputError(f"version {number} is the newest: there is nothing to restore")
    _check_possible(admin, number)
    try:
        return admin.restore(number)
    except VersionExpiredError:
        raise InputError(_no_version(admin, number)) from None


def _number(admin: TableAdmin, version: int | str) -> int:
    if isinstance(version, int):
        return version
    if version.isascii() and version.isdigit() and len(version) < 19:
        return int(version)
    tags = admin.tags()
    if version not in tags:
        raise InputError(f"no version is called {version!r} ({_names(tags)})")
    return tags[version]


def _check_possible(admin: TableAdmin, number: int) -> None:
    if not 0 < number < 2**63:
        raise InputError(_no_version(admin, number))


def _names(tags: dict[str, int]) -> str:
    return "the tags there are: " + ", ".join(sorted(tags)) if tags else "there are no tags"


def _no_version(admin: TableAdmin, number: int) -> str:
    numbers = [str(found.number) for found in admin.versions()]
    first = "… " if len(numbers) > _SHOWN else ""
    return (
        f"there is no version {number}: it was cleaned up, or never was. There are {first}"
        f"{', '.join(numbers[-_SHOWN:])}"
    )
