"""What tests share: small pictures, Kaggle's layout, a toy wall, a tiny model, a private config."""

from __future__ import annotations

import io
import shutil
import signal
import uuid
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from PIL import Image

import cavewall
from cavewall.testing import FakeEncoder, toy_wall
from tests.profile import scaled
from tests.s3 import BUCKET, Way, environment, s3_server, way_to
from tests.tiny_image_models import save_clip, save_siglip

if TYPE_CHECKING:
    from starlette.testclient import TestClient

_ENVIRONMENT = (
    "CAVEWALL",
    "CAVEWALL_TRACEBACK",
    "COLUMNS",
    "FORCE_COLOR",
    "NO_COLOR",
    "TTY_COMPATIBLE",
)

KAGGLE: dict[str, tuple[str, ...]] = {
    "dog.jpg": ("a dog runs through the sand", "a brown dog on the beach"),
    "cat.jpg": ("a cat sleeps on a sofa", "a grey cat indoors"),
    "bus.jpg": ("a red bus in the street", "a bus stops in the city"),
}


# A vocabulary for a real SentenceTransformers model that is as small as it can be.
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "dog", "cat", "runs", "on", "sand"]
WORDS += [*ascii_lowercase[1:], *(f"##{letter}" for letter in ascii_lowercase)]
DIMENSION = 16

BASE = "http://localhost:8000"

# Fixtures that load torch.
_MODELS = {"tiny_model", "tiny_clip", "tiny_siglip", "sampled"}

# Two processes on two cores: an example may take as long as it takes.
settings.register_profile(
    "cavewall",
    max_examples=scaled(100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("cavewall")


def pytest_configure() -> None:
    # A shell without job control starts what runs in the background with ctrl-C ignored, and
    # every process of a test would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _group(item: pytest.Item) -> str:
    """The tests that one worker runs one after the other: its file, or those that share a cost."""
    fixtures = set(getattr(item, "fixturenames", ()))
    marks = {mark.name for mark in item.iter_markers()}
    if "browser" in marks:
        return "chromium"
    if "cluster" in marks:
        return "ray"
    if "encoder" in marks or fixtures & _MODELS:
        return "encoder"
    if "s3" in marks or "s3_endpoint" in fixtures:
        return "s3"
    return item.nodeid.partition("::")[0]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        # Hypothesis tries more examples in `make test-all`.
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.sampled)
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    if hasattr(config, "workerinput"):
        # The longest first, so that no worker is left alone with them. Groups keep their order.
        first = ["chromium", "ray", "encoder", "s3"]
        ranks = {name: rank for rank, name in enumerate(first)}
        items.sort(key=lambda item: ranks.get(_group(item), len(first)))


def picture_bytes(
    colour: Any = "red",
    size: tuple[int, int] = (60, 40),
    kind: str = "JPEG",
    mode: str = "RGB",
    **options: Any,
) -> bytes:
    """A picture of one colour, as the bytes of a file."""
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **options)
    return out.getvalue()


def write_captions(path: Path, rows: Iterable[tuple[str, str]]) -> Path:
    """A captions file of those rows, in Kaggle's layout."""
    lines = ["image,caption", *(f'"{name}","{caption}"' for name, caption in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def rows_of(captions: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(name, caption) for name, texts in captions.items() for caption in texts]


@pytest.fixture(scope="session", autouse=True)
def _private_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that a test does reaches the configuration or the cache of who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAVEWALL_CONFIG", str(tmp_path_factory.mktemp("config")))
        patch.setenv("CAVEWALL_CACHE", str(tmp_path_factory.mktemp("cache")))
        for name in _ENVIRONMENT:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True)
def config(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration folder of this test alone."""
    folder = tmp_path_factory.mktemp("config")
    monkeypatch.setenv("CAVEWALL_CONFIG", str(folder))
    return folder


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """A real S3 server on loopback, with an empty bucket."""
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture
def s3(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a wall in object storage, where nothing is yet."""
    for name, value in environment(s3_endpoint).items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{uuid.uuid4().hex}"


@pytest.fixture
def way(s3: str, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    """The way to the wall at `s3`, which can be made to fail."""
    with way_to(s3_endpoint) as made:
        monkeypatch.setenv("AWS_ENDPOINT_URL", made.endpoint)
        yield made


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a wall can be: in a folder, and in object storage."""
    found: str = request.getfixturevalue("s3") if request.param == "s3" else str(tmp_path / "wall")
    return found


@pytest.fixture
def fake() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[cavewall.Wall]:
    """Six pictures, made with the FakeEncoder: `cavewall.testing.TOY_PICTURES`."""
    with toy_wall(tmp_path / "toy") as wall:
        yield wall


@pytest.fixture
def kaggle(tmp_path: Path) -> Path:
    """A folder with `captions.txt` and `Images/`: the three pictures of KAGGLE."""
    folder = tmp_path / "kaggle"
    (folder / "Images").mkdir(parents=True)
    for shade, name in enumerate(KAGGLE):
        (folder / "Images" / name).write_bytes(picture_bytes((80 * shade, 128, 60)))
    write_captions(folder / "captions.txt", rows_of(KAGGLE))
    return folder


@pytest.fixture(scope="session")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample collection and the wall of it, as the pages make them. To be read.

    What `cavewall sample sample` and `cavewall add sample` leave there, with the real encoder.
    """
    from cavewall.sample import draw_sample

    folder = tmp_path_factory.mktemp("sampled")
    draw_sample(folder / "sample")
    with cavewall.open(folder / "wall") as wall:
        wall.add(folder / "sample")
    return folder


@contextmanager
def serving() -> Iterator[Callable[..., TestClient]]:
    """What makes clients of walls, served in this process with the settings that are given."""
    # ruff: noqa: PLC0415 -- seconds of imports that most tests can do without
    from starlette.testclient import TestClient

    from cavewall.server import Settings, create_app

    with ExitStack() as stack:

        def client(wall: cavewall.Wall, base: str = BASE, **settings: Any) -> TestClient:
            app = create_app(wall, Settings(**settings))
            made = TestClient(app, base_url=base, raise_server_exceptions=False)
            # FastAPI remembers the routes of every application, and these their wall: some forty
            # files each, and all that was mapped from them.
            stack.callback(wall.close)
            return stack.enter_context(made)

        yield client


@pytest.fixture
def serve() -> Iterator[Callable[..., TestClient]]:
    """Makes a client of a wall, served with the settings that are given."""
    with serving() as client:
        yield client


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a toy wall that nothing changes."""
    with serving() as made:
        yield made(toy_wall(tmp_path_factory.mktemp("served") / "toy"))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a BERT of one layer with mean pooling. Not to be changed: see `tiny_copy`."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("models")
    bert = folder / "bert"
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=DIMENSION,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        BertModel(config).save_pretrained(bert)
        BertTokenizer(vocab=str(folder / "vocab.txt")).save_pretrained(bert)
        modules = [Transformer(str(bert)), Pooling(DIMENSION, "mean"), Normalize()]
        SentenceTransformer(modules=modules).save(str(folder / "tiny"))
    return folder / "tiny"


@pytest.fixture
def tiny_copy(tiny_model: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a copy that a test may change, in a folder of that name."""

    def copy(name: str = "tiny") -> Path:
        return Path(shutil.copytree(tiny_model, tmp_path / "models" / name))

    return copy


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a CLIP of one layer. Not to be changed."""
    save_clip(folder := tmp_path_factory.mktemp("models") / "tiny-clip")
    return folder


@pytest.fixture(scope="session")
def tiny_siglip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a SigLIP of one layer. Not to be changed."""
    save_siglip(folder := tmp_path_factory.mktemp("models") / "tiny-siglip")
    return folder
