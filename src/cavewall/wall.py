"""The façade: what opens, fills and searches a wall. All else is in its namespaces."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.cache import cached_property
from cavewall._internal.object_store import is_object_address
from cavewall._internal.vectors import cosines
from cavewall.encoders import Encoder, ImageEncoder
from cavewall.errors import InputError
from cavewall.explore.namespaces import WallCoverage, WallEvaluation, WallMap
from cavewall.ingest.options import IngestProgress, Missing, Options
from cavewall.ingest.pipeline import add as add_pictures
from cavewall.ingest.sources import Columns, SourceColumns, open_source
from cavewall.maintenance.namespaces import (
    EngineName,
    WallMaintenance,
    WallModel,
    WallVersions,
    compact,
    engine_named,
    remove_orphans,
)
from cavewall.models import AddReport, Hits, Picture, Reject
from cavewall.query import Expression, Leaf, Like, Text
from cavewall.query.filters import Filter, parse_filter
from cavewall.query.map_area import Area
from cavewall.search.compile import compile_query
from cavewall.search.connection import Connection, full_address, retried
from cavewall.search.explain import compare
from cavewall.search.explanation import Comparison, Explanation
from cavewall.search.hits import build_hits
from cavewall.search.image_lookup import find_by_digest
from cavewall.search.path import find_path, interpolate
from cavewall.search.planner import plan
from cavewall.search.ranking import score_batch
from cavewall.search.request import SearchRequest
from cavewall.search.wall_table import WallTable
from cavewall.search.wall_terms import WallTerms
from cavewall.storage import UNFILLED, ImageVectors
from cavewall.storage.object_store_errors import raises_storage_errors
from cavewall.storage.writer_leases import writer_lease

__all__ = ["Wall", "open_wall"]

# Expressions searched together: no more than the encoder's cache keeps the texts of.
_MANY = 256


def open_wall(
    uri: str | os.PathLike[str],
    encoder: str | Encoder | None = None,
    image_encoder: str | ImageEncoder | None = None,
) -> Wall:
    """A wall at a folder or an object-storage address. Never creates anything.

    Where there is none yet, the first `add` creates the wall; reading before raises
    WallNotFoundError. `encoder` is a name, a model folder or an `Encoder`; None means the wall's
    own, else the packaged all-MiniLM-L6-v2. `image_encoder` is that of the image space, where
    pictures are found by what they show: None means the wall's own, if it has one (see
    `docs/spaces.md`).

    Raises:
        EncoderMismatchError: the wall was made with another encoder.
        WallFormatError: there is something else than a wall.
    """
    return Wall(uri, encoder, image_encoder)


@raises_storage_errors
class Wall:
    """A collection of pictures that can be searched by meaning.

    Safe to use from several threads, and a context manager.

    Attributes:
        address: where it is.
        terms: saved terms.
        table: its fields, their values, and the rows of pictures.
        map: its pictures in two dimensions.
        coverage: what it has and lacks.
        evaluation: how good its answers are.
        model: its encoders.
        versions: its versions and tags.
        maintenance: duplicates, index, export, checks, disk space.
    """

    def __init__(
        self,
        uri: str | os.PathLike[str],
        encoder: str | Encoder | None = None,
        image_encoder: str | ImageEncoder | None = None,
    ) -> None:
        self.address = full_address(uri)
        self.connection = Connection(uri, encoder, image_encoder)

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

    def __len__(self) -> int:
        return self.connection.store().count()

    def close(self) -> None:
        """Let go of vectors and files. The wall may be used again afterwards."""
        self.connection.clear()

    @cached_property
    def terms(self) -> WallTerms:
        return WallTerms(self.connection)

    @cached_property
    def table(self) -> WallTable:
        return WallTable(self.connection)

    @cached_property
    def map(self) -> WallMap:
        return WallMap(self.connection)

    @cached_property
    def coverage(self) -> WallCoverage:
        return WallCoverage(self.connection)

    @cached_property
    def evaluation(self) -> WallEvaluation:
        return WallEvaluation(self.connection)

    @cached_property
    def model(self) -> WallModel:
        return WallModel(self.connection)

    @cached_property
    def versions(self) -> WallVersions:
        return WallVersions(self.connection)

    @cached_property
    def maintenance(self) -> WallMaintenance:
        return WallMaintenance(self.connection)

    # Adding.

    def add(  # noqa: PLR0913 -- one option each
        self,
        source: Any,
        images: str | os.PathLike[str] | None = None,
        missing: Missing = "skip",
        overwrite: bool = False,
        *,
        link: bool = False,
        strict: bool = False,
        retry: bool = False,
        prune: bool = False,
        insist: bool = False,
        format: str | None = None,
        image_column: str | None = None,
        caption_column: str | None = None,
        id_column: str | None = None,
        each_caption: bool = False,
        engine: EngineName = "local",
        ray_address: str | None = None,
        progress: IngestProgress | None = None,
    ) -> AddReport:
        """Add the pictures of a source; what is there already and unchanged costs nothing.

        Args:
            source: a captions file, a folder of pictures, either by its address in a bucket
                (`s3://bucket/photos`), a DataFrame or Arrow table, or an iterable of `Picture`.
            images: the folder or address of the pictures, where it is not next to the captions.
            missing: `skip` a captioned picture without a file, or `keep` it without bytes.
            overwrite: replace the wall's content, in one version.
            link: store thumbnails and paths, and leave the originals where they are.
            strict: raise InputError at the first picture that cannot be added.
            retry: try only those that the last `add` of this source skipped.
            prune: remove the pictures that this source brought and no longer has; never more than
                half of what it brought, unless you `insist`.
            format: one of `csv`, `jsonl`, `parquet`, `token`, `coco`, `imagefolder` and `folder`,
                where it cannot be detected.
            image_column: which column names the images, where its name is unusual.
            caption_column: which one holds the captions.
            id_column: which one holds the ids.
            each_caption: make a picture of every caption, with the ids `name#0`, `name#1` …
            engine: `local` is this process, `ray` a cluster of machines: see `docs/scale.md`.
            ray_address: of the cluster, HOST:PORT, or `auto` on one of its machines. None is that
                of $RAY_ADDRESS, else a cluster on this machine for the time of the call.
            progress: called as the work proceeds.
        """
        connection, start = self.connection, time.perf_counter()
        options = Options(missing, link, overwrite, strict, retry, prune, insist)
        columns = Columns(image_column, caption_column, id_column)
        image_encoder = self.image_encoder
        layout = SourceColumns(format, columns, each_caption, captionless=image_encoder is not None)
        opened = open_source(source, images, layout)
        chosen = engine_named(engine, ray_address)
        with connection.adding:
            with writer_lease(self.address):
                report = add_pictures(
                    opened,
                    self.encoder,
                    self.address,
                    connection.store_for_adding(),
                    connection.store_or_new,
                    options,
                    image_encoder=image_encoder,
                    engine=chosen,
                    progress=progress,
                    start=start,
                )
            if report.added or report.updated or report.moved or report.removed:
                compact(connection)
            if chosen is not None and chosen.leaves_files:
                remove_orphans(connection)
            return report

    def rejects(self, source: str | os.PathLike[str] | None = None) -> tuple[Reject, ...]:
        """The pictures that the last `add` of each source, or of this one, skipped."""
        rejects = self.connection.store().rejects.all()
        if source is not None:
            rejects = [reject for reject in rejects if _is_of(reject, os.fspath(source))]
        return tuple(rejects)

    # Searching.

    def search(  # noqa: PLR0913 -- one option each
        self,
        expression: str | Expression,
        k: int = 10,
        rule: str | None = None,
        where: str | Filter | None = None,
        *,
        space: str | None = None,
        offset: int | None = None,
        version: int | None = None,
        diverse: float | None = None,
        dedupe: bool = False,
        group_by: str | None = None,
        include_inputs: bool = False,
        apply_negation: bool = False,
        min_percentile: float | None = None,
        explain: bool = False,
        thumbnails: bool = True,
        area: Area | None = None,
    ) -> Hits:
        """The `k` pictures that the expression describes best.

        `expression` is text in the expression language, or a value built with `cavewall.text`,
        `image`, `like` and operators. `where` is a filter, such as
        `year >= 2019 and not tagged("draft")`. The other options are those of
        `cavewall.search.request.SearchRequest`.

        Raises:
            InputError: an option out of its bounds, or a term that the wall does not have.
            ExpressionError: the expression does not parse, or cancels out.
            FilterError: the filter does not parse, or names a field that is not there.
        """
        request = SearchRequest(
            self.resolved(expression),
            k,
            rule,
            _filter(where),
            space,
            offset,
            version,
            diverse,
            dedupe,
            group_by,
            include_inputs,
            apply_negation,
            min_percentile,
            area,
            explain,
            thumbnails,
        )
        return self.answer(request)

    @retried
    def answer(self, request: SearchRequest) -> Hits:
        """The hits of a request: what `search` does, with its options as one value."""
        start = time.perf_counter()
        request = replace(request, expression=self.resolved(request.expression))
        return build_hits(plan(request, self.connection.version(request.version)), request, start)

    def search_many(
        self,
        expressions: Iterable[str | Expression],
        k: int = 10,
        rule: str | None = None,
        where: str | Filter | None = None,
        *,
        space: str | None = None,
    ) -> list[Hits]:
        """What `search` answers to each of many expressions, their texts encoded together.

        Pictures are scored for 64 of them at a time, in one product. All answers are of one
        version.
        """
        condition = _filter(where)
        requests = [
            SearchRequest(value, k, rule, condition, space)
            for value in self.connection.resolve(*expressions)
        ]
        return self.connection.retry(lambda: self._answers(requests))

    def _answers(self, requests: list[SearchRequest]) -> list[Hits]:
        version = self.connection.version()
        found: list[Hits] = []
        for at in range(0, len(requests), _MANY):
            start, part = time.perf_counter(), requests[at : at + _MANY]
            leaves = [leaf for each in part for leaf in each.expression.leaves()]
            texts = [leaf.text for leaf in leaves if isinstance(leaf, Text)]
            # Each ranking then finds its texts in the encoder's cache.
            for space in version.chosen(part[0].space):
                if len(space):
                    space.texts.encode(texts)
            rankings = [plan(each, version) for each in part]
            score_batch(rankings)
            found += [
                build_hits(ranking, each, start)
                for ranking, each in zip(rankings, part, strict=True)
            ]
        return found

    def explain(self, hits: Hits) -> Explanation:
        """Why an answer is what it is: see `cavewall.search.explanation`.

        Raises:
            InputError: the answer was not made by a search, or was pickled since.
        """
        return hits.explain()

    @retried
    def compare(
        self,
        a: str | Expression,
        b: str | Expression,
        k: int = 10,
        rule: str | None = None,
        where: str | Filter | None = None,
        *,
        space: str | None = None,
        version: int | None = None,
    ) -> Comparison:
        """What changes among the first `k` from `a` to `b`, and the term responsible for each.

        Raises:
            InputError: both are the same expression.
        """
        ready, condition = self.connection.version(version), _filter(where)
        before, after = (
            plan(SearchRequest(value, k, rule, condition, space), ready)
            for value in self.connection.resolve(a, b)
        )
        if before.expression == after.expression:
            raise InputError(f"`{after.expression}` is compared with itself: nothing can change")
        return compare(before, after, k)

    @retried
    def path(
        self,
        a: str | Expression,
        b: str | Expression,
        steps: int = 5,
        *,
        space: str | None = None,
        version: int | None = None,
    ) -> Hits:
        """Pictures along the arc from `a` to `b`, one for each of 2 to 1,000 even steps.

        All are different, ranked by rule `add`; pictures that are terms of `a` or `b` are left out.
        """
        start, end = self.connection.resolve(a, b)
        points = interpolate(start, end, steps)
        return find_path(points, self.connection.version(version), space)

    @retried
    def term_of(self, picture: bytes, *, version: int | None = None) -> Leaf:
        """The bytes of a picture as a term of this wall's expressions, whatever its versions.

        With an image space it is what the picture shows, and prints as `image("upload:…")`, which
        cannot be read back; without one it is `like("id")` of the picture of the wall that has
        these bytes or this look.

        Raises:
            InputError: this is no picture, or there is no image space and it is not on the wall.
        """
        ready = self.connection.version(version)
        if ready.image is None:
            return find_by_digest(picture, ready)
        return ready.image.upload(picture)

    def resolved(self, expression: str | Expression) -> Expression:
        """An expression in which every `@name` has its meaning; it prints the same.

        Raises:
            InputError: nothing is saved under a name, or the centroid of another encoder.
        """
        return self.connection.resolve(expression)[0]

    def vector(self, expression: str | Expression) -> NDArray[np.float32]:
        """The unit vector of an expression, (dimension,), for searches with plain LanceDB."""
        value = self.resolved(expression)
        needs_wall = any(isinstance(leaf, Like) for leaf in value.leaves())
        snapshot = self.connection.version().caption.snapshot if needs_wall else None
        return compile_query(value, self.connection.queries, snapshot).vector

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

    # Pictures.

    @retried
    def picture(
        self, image_id: str, *, version: int | None = None, with_image: bool = True
    ) -> Picture:
        """One picture with its captions and bytes, as it is or was at a version of the wall.

        Without its bytes it is read faster.

        Raises:
            UnknownPictureError: it is not there.
        """
        return self.connection.version(version).picture(image_id, with_image)

    def info(self) -> dict[str, Any]:
        """What the wall holds, and the encoders of its vectors."""
        store = self.connection.store()
        standby, image = store.metadata.standby, store.metadata.image
        return {
            "address": self.address,
            "pictures": store.count(),
            "without_image": store.count_without_image(),
            "version": store.version,
            "format": store.metadata.format,
            "encoder": store.metadata.encoder.to_dict(),
            "standby": None if standby is None else standby.to_dict(),
            "indexed": self.connection.version().caption.indexed,
            "standby_lacking": 0 if standby is None else store.count(UNFILLED),
            "image_encoder": None if image is None else image.to_dict(),
            "without_captions": store.count_without_captions(),
            "image_lacking": 0 if image is None else ImageVectors(store).lacking(),
        }

    @property
    def spaces(self) -> tuple[str, ...]:
        """The spaces of the newest version: `caption`, and `image` where it has that."""
        image = self.connection.store().metadata.image
        return ("caption",) if image is None else ("caption", "image")

    @property
    def version(self) -> int:
        """The number of the newest version."""
        return self.connection.store().version

    @property
    def encoder(self) -> Encoder:
        """The encoder of this wall. Its model loads at the first use."""
        return self.connection.encoder

    @property
    def image_encoder(self) -> ImageEncoder | None:
        """The encoder of the image space, None where there is none. Loads at the first use."""
        return self.connection.image_encoder


def _filter(where: str | Filter | None) -> Filter | None:
    return parse_filter(where) if isinstance(where, str) else where


def _is_of(reject: Reject, source: str) -> bool:
    """Whether the reject came from there, or from the one file of that folder."""
    name = reject.source or ""
    if is_object_address(source):
        return name == source.rstrip("/") or name.rpartition("/")[0] == source.rstrip("/")
    path = Path(full_address(source)).resolve()
    return name in (source, str(path)) or (path.is_dir() and Path(name).parent == path)
