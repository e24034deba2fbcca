"""The façade that users hold."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from cavewall import ingest
from cavewall.asking import answer, path, way_points
from cavewall.encoders import Encoder, RememberingEncoder, encoder_for_wall
from cavewall.errors import InputError, WallNotFoundError
from cavewall.explain import compare
from cavewall.explanation import Comparison, Explanation
from cavewall.expression import Expression, Like, parse
from cavewall.inquiry import Inquiry
from cavewall.negation import without_negation
from cavewall.pictures import AddReport, Hits, Picture
from cavewall.rules import rule as rule_named
from cavewall.search import Query, understand
from cavewall.searchable import Searchable
from cavewall.sources import open_source
from cavewall.store import Store
from cavewall.vectors import cosines

if TYPE_CHECKING:
    from cavewall.evaluate import Question, RetrievalReport, SwapReport

__all__ = ["Wall", "open_wall"]

MAX_K = 10_000


def open_wall(uri: str | os.PathLike[str], encoder: str | Encoder | None = None) -> Wall:
    """A wall at a folder or an object-storage address. Never creates anything.

    Where nothing is yet, the first `add` creates the wall; reading before raises
    WallNotFoundError. `encoder` is a name, a model folder or an `Encoder`; None means the wall's
    own, else the packaged all-MiniLM-L6-v2.

    Raises:
        EncoderMismatchError: the wall was made with another encoder.
        WallFormatError: something else than a wall stands there.
    """
    return Wall(uri, encoder)


class Wall:
    """A collection of pictures that can be searched by meaning.

    Safe to use from several threads, and a context manager.
    """

    def __init__(self, uri: str | os.PathLike[str], encoder: str | Encoder | None = None) -> None:
        self.address = _address(uri)
        self._lock = threading.RLock()
        # An `add` takes as long as it takes: only another one waits for it, no search does.
        self._adding = threading.RLock()
        self._store: Store | None = None
        self._searchable: Searchable | None = None
        self._encoder: Encoder | None = None
        self._remembering: RememberingEncoder | None = None
        self._asked = encoder
        if self._try_store() is not None and encoder is not None:
            # A wrong encoder is told at once; the wall's own is looked up when it is needed.
            _ = self.encoder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Wall({self.address!r})"

    def close(self) -> None:
        """Let go of vectors and files. The wall may be used again afterwards."""
        with self._lock:
            self._searchable = None

    # Adding.

    def add(
        self,
        source: Any,
        images: str | os.PathLike[str] | None = None,
        missing: ingest.Missing = "skip",
        overwrite: bool = False,
        *,
        link: bool = False,
        progress: ingest.Progress | None = None,
    ) -> AddReport:
        """Add the pictures of a source; what is there already and unchanged costs nothing.

        Args:
            source: a captions file, a folder that holds one, a DataFrame or Arrow table, or an
                iterable of `Picture`.
            images: the folder of the pictures, where it is not beside the captions.
            missing: `skip` a captioned picture without a file, or `keep` it without bytes.
            overwrite: replace the wall's content, in one version.
            link: store thumbnails and paths, and leave the originals where they are.
            progress: told how the work goes.
        """
        options = ingest.Options(missing, link)
        start = time.perf_counter()
        opened = open_source(source, images)
        with self._adding:
            store = self._try_store()
            known = {} if store is None or overwrite else store.known()
            return ingest.add(
                opened,
                self.encoder,
                self.address,
                self._store_or_new,
                known,
                options,
                overwrite=overwrite,
                progress=progress,
                start=start,
            )

    # Searching.

    def search(
        self,
        expression: str | Expression,
        k: int = 10,
        rule: str | None = None,
        *,
        include_inputs: bool = False,
        apply_negation: bool = False,
        min_percentile: float | None = None,
        explain: bool = False,
    ) -> Hits:
        """The `k` pictures that the expression describes best.

        Args:
            expression: text in the expression language, or a value built with `cavewall.text`,
                `image`, `like` and operators.
            k: how many, 1 to 10,000.
            rule: how terms combine; None is the default.
            include_inputs: let pictures that are terms of the expression answer it too.
            apply_negation: read `dog without a leash` as `dog - leash`: see `cavewall.negation`.
            min_percentile: leave out hits whose percentile, 0 to 100, is lower.
            explain: find the reasons at once, as `hits.explanation`; `hit.explain()` finds them
                later.
        """
        _check_k(k)
        start = time.perf_counter()
        inquiry = self._inquiry(expression, rule, include_inputs, apply_negation)
        return answer(inquiry, k, start, min_percentile, explain)

    def explain(self, hits: Hits) -> Explanation:
        """Why an answer is what it is: see `cavewall.explanation`.

        Raises:
            InputError: the answer was not made by a search, or was pickled since.
        """
        return hits.explain()

    def compare(
        self, a: str | Expression, b: str | Expression, k: int = 10, rule: str | None = None
    ) -> Comparison:
        """What changes among the first `k` from `a` to `b`, and the term responsible for each.

        Raises:
            InputError: both are the same expression.
        """
        _check_k(k)
        before, after = (self._inquiry(value, rule) for value in (a, b))
        if before.expression == after.expression:
            raise InputError(f"`{after.expression}` is compared with itself: nothing can change")
        return compare(before, after, k)

    def path(self, a: str | Expression, b: str | Expression, steps: int = 5) -> Hits:
        """Pictures along the arc from `a` to `b`, one for each of 2 to 1,000 even steps.

        All are different, ranked by rule `add`; pictures that are terms of `a` or `b` are left out.
        """
        points = way_points(_expression(a), _expression(b), steps)
        return path(points, self._current(), self.encoder)

    def vector(self, expression: str | Expression) -> NDArray[np.float32]:
        """The unit vector of an expression, (dimension,), for searches with plain LanceDB."""
        return self._query(expression).vector

    def similarity(self, a: str | Expression, b: str | Expression) -> float:
        """The cosine of two texts or expressions, -1 to 1. Strings are texts, never parsed."""
        vectors = [
            self.encoder.encode([item])[0] if isinstance(item, str) else self.vector(item)
            for item in (a, b)
        ]
        return float(cosines(vectors[0][None], vectors[1][None])[0, 0])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of texts, float32 (n, dimension)."""
        return self.encoder.encode(list(texts))

    # Measuring.

    def evaluate_swaps(
        self,
        questions: Iterable[Question],
        names: Sequence[str] = (),
        progress: Callable[[int, int], None] | None = None,
    ) -> SwapReport:
        """How well rules and baselines answer swap questions: see `cavewall.evaluate`."""
        from cavewall.evaluate import evaluate_swaps

        return evaluate_swaps(self._current(), self.encoder, questions, names, progress)

    def evaluate_retrieval(
        self,
        sample: int | None = None,
        seed: int = 0,
        progress: Callable[[int, int], None] | None = None,
        *,
        caption: int | None = None,
    ) -> RetrievalReport:
        """How well left-out captions find their pictures: see `cavewall.evaluate`."""
        from cavewall.evaluate import evaluate_retrieval

        current = self._current()
        return evaluate_retrieval(current, self.encoder, sample, seed, progress, caption=caption)

    # Looking.

    def picture(self, image_id: str) -> Picture:
        """One picture with its captions and bytes. Raises UnknownPictureError."""
        return self._current().picture(image_id)

    def info(self) -> dict[str, Any]:
        """What the wall holds and who made its vectors."""
        store = self._reading()
        return {
            "address": self.address,
            "pictures": store.count(),
            "without_image": store.count("sha256 IS NULL"),
            "version": store.version,
            "format": store.metadata.format,
            "encoder": store.metadata.encoder.to_dict(),
        }

    @property
    def encoder(self) -> Encoder:
        """The encoder of this wall. Its model loads at the first use."""
        with self._lock:
            if self._encoder is None:
                store = self._try_store()
                wanted = None if store is None else store.metadata.encoder
                self._encoder = encoder_for_wall(self.address, self._asked, wanted)
            return self._encoder

    def __len__(self) -> int:
        return self._reading().count()

    # Inside.

    @property
    def _queries(self) -> Encoder:
        """The encoder for texts of queries, whose terms come again and again."""
        with self._lock:
            if self._remembering is None:
                self._remembering = RememberingEncoder(self.encoder)
            return self._remembering

    def _reading(self) -> Store:
        with self._lock:
            if self._store is None:
                store = Store.open(self.address)
                if self._encoder is not None:
                    # Someone else made the wall since: it must be with this encoder.
                    encoder_for_wall(self.address, self._encoder, store.metadata.encoder)
                self._store = store
            self._store.refresh()
            return self._store

    def _try_store(self) -> Store | None:
        try:
            return self._reading()
        except WallNotFoundError:
            return None

    def _store_or_new(self) -> Store:
        with self._lock:
            if self._store is None:
                store = Store.create(self.address, self.encoder.identity)
                # Whoever was faster must have made it with this encoder too.
                encoder_for_wall(self.address, self.encoder, store.metadata.encoder)
                self._store = store
            return self._store

    def _current(self) -> Searchable:
        with self._lock:
            store = self._reading()
            if self._searchable is None or self._searchable.version != store.version:
                self._searchable = Searchable(store, lambda: self.encoder)
            return self._searchable

    def _inquiry(
        self,
        expression: str | Expression,
        rule: str | None,
        include_inputs: bool = False,
        apply_negation: bool = False,
    ) -> Inquiry:
        chosen = rule_named(rule)
        value = _expression(expression)
        if apply_negation:
            value = without_negation(value)
        return Inquiry.ask(value, self._current(), self._queries, chosen, include_inputs)

    def _query(self, expression: str | Expression) -> Query:
        value = _expression(expression)
        needs_wall = any(isinstance(leaf, Like) for leaf in value.leaves())
        return understand(value, self._queries, self._current().snapshot if needs_wall else None)


def _address(uri: str | os.PathLike[str]) -> str:
    text = os.fspath(uri)
    # A `~name` that is nobody's is a folder of that name: pathlib's twin would raise.
    return text if "://" in text else str(Path(os.path.expanduser(text)).absolute())  # noqa: PTH111


def _expression(expression: str | Expression) -> Expression:
    return parse(expression) if isinstance(expression, str) else expression


def _check_k(k: int) -> None:
    if not 1 <= k <= MAX_K:
        raise InputError(f"k is how many pictures to show, 1 to {MAX_K:,}, not {k}")
