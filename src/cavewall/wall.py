"""The façade: what opens, fills and searches a wall. All else is in its namespaces."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.vectors import cosines
from cavewall.encoders import Encoder, ImageEncoder
from cavewall.errors import InputError
from cavewall.explore.namespaces import WallCoverage, WallEvaluation, WallMap
from cavewall.ingest.options import IngestProgress, Missing, Options
from cavewall.ingest.pipeline import add as add_pictures
from cavewall.ingest.rejected import is_of_source
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
from cavewall.query import Expression, Leaf, Like, parse
from cavewall.query.filters import Filter, as_filter
from cavewall.query.map_area import Area
from cavewall.search.compile import compile_query
from cavewall.search.connection import Connection, full_address, retried
from cavewall.search.explain import compare
from cavewall.search.explanation import Comparison
from cavewall.search.hits import build_hits
from cavewall.search.image_lookup import find_by_digest
from cavewall.search.many import build_many
from cavewall.search.path import find_path, interpolate
from cavewall.search.planner import plan
from cavewall.search.request import SearchRequest
from cavewall.search.wall_table import WallTable
from cavewall.search.wall_terms import WallTerms
from cavewall.storage.object_store_errors import raises_storage_errors
from cavewall.storage.writer_leases import writer_lease

__all__ = ["Wall", "open_wall"]


def open_wall(
    uri: str | os.PathLike[str],
    encoder: str | Encoder | None = None,
    image_encoder: str | ImageEncoder | None = None,
) -> Wall:
    """A wall at a folder or an object-storage address. Never creates anything.

    Where there is none yet, the first `add` creates the wall; reading before raises
    WallNotFoundError. `encoder` is a name, a model folder or an `Encoder`; None means the wall's
    own, else the packaged all-MiniLM-L6-v2. `image_encoder` is that of the image space: None means
    the wall's own, if it has one (see `docs/spaces.md`).

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
        self.terms = WallTerms(self.connection)
        self.table = WallTable(self.connection)
        self.map = WallMap(self.connection)
        self.coverage = WallCoverage(self.connection)
        self.evaluation = WallEvaluation(self.connection)
        self.model = WallModel(self.connection)
        self.versions = WallVersions(self.connection)
        self.maintenance = WallMaintenance(self.connection)

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

        `missing` to `insist` are those of `cavewall.ingest.options.Options`; name the columns of a
        table where their names are unusual.

        Args:
            source: a captions file, a folder of pictures, either by its address in a bucket
                (`s3://bucket/photos`), a DataFrame or Arrow table, or an iterable of `Picture`.
            images: the folder or address of the pictures, where it is not next to the captions.
            format: how the source is laid out, where it cannot be detected.
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
        found = self.connection.store().rejects.all()
        return tuple(each for each in found if source is None or is_of_source(each, source))

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
            parse(expression) if isinstance(expression, str) else expression,
            k,
            rule,
            as_filter(where),
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
        condition = as_filter(where)
        requests = [
            SearchRequest(value, k, rule, condition, space)
            for value in self.connection.resolve(*expressions)
        ]
        return self.connection.retry(lambda: build_many(requests, self.connection.version()))

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
        ready, condition = self.connection.version(version), as_filter(where)
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
        return find_path(interpolate(start, end, steps), self.connection.version(version), space)

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

    @retried
    def picture(
        self, image_id: str, *, version: int | None = None, with_image: bool = True
    ) -> Picture:
        """One picture with its captions and bytes; without its bytes it is read faster.

        Raises:
            UnknownPictureError: it is not there.
        """
        return self.connection.version(version).picture(image_id, with_image)

    def info(self) -> dict[str, Any]:
        """What the wall holds, and the encoders of its vectors."""
        return self.connection.info()

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
