"""The façade that users hold."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from cavewall import ingest
from cavewall._internal.cache import LRUCache
from cavewall._internal.object_store import is_object_address
from cavewall._internal.vectors import cosines
from cavewall.encoders import (
    CachedEncoder,
    Encoder,
    EncoderIdentity,
    ImageEncoder,
    encoder_for_wall,
    image_encoder_for_wall,
)
from cavewall.errors import InputError, VersionExpiredError, WallNotFoundError
from cavewall.explore.coverage import Concepts, Grid, concepts_of, cover
from cavewall.explore.map import (
    Label,
    LayoutStatus,
    Map,
    Projection2D,
    build_map,
    inside,
    layout_statuses,
    picture_labels,
    project,
)
from cavewall.ingest.sources import Columns, SourceColumns, open_source
from cavewall.models import AddReport, Hits, Picture, Reject
from cavewall.query import Expression, Leaf, Like, Text, parse, substitute
from cavewall.query.filters import Filter, parse_filter
from cavewall.query.map_area import Area, check_layout
from cavewall.query.negation import without_negation
from cavewall.query.values import check_name
from cavewall.search import planner, saved_terms
from cavewall.search.compile import Query, compile_query
from cavewall.search.diversify import Selection
from cavewall.search.explain import compare
from cavewall.search.explanation import Comparison, Explanation
from cavewall.search.hits import build_hits, interpolate, path
from cavewall.search.image_lookup import find_by_digest, replace_known_images
from cavewall.search.masks import intersect
from cavewall.search.ranking import SingleSpaceRanking, score_batch
from cavewall.search.rules import Rule
from cavewall.search.rules import rule as rule_named
from cavewall.search.spaces import ImageSpaceVersion, Spaces
from cavewall.search.wall_version import WallVersion
from cavewall.storage import (
    IMAGE_VECTOR,
    STANDBY,
    UNFILLED,
    ColumnValue,
    Facets,
    FieldSummary,
    ImageVectors,
    SavedTerm,
    Store,
    open_store,
)
from cavewall.storage.object_store_errors import raises_storage_errors
from cavewall.storage.writer_leases import writer_lease

if TYPE_CHECKING:
    from PIL import Image

    from cavewall.cluster import RayEngine
    from cavewall.explore.evaluation import Question, RetrievalReport, SwapReport
    from cavewall.maintenance.adopt import AttachReport
    from cavewall.maintenance.build_index import IndexReport
    from cavewall.maintenance.doctor import HealthReport
    from cavewall.maintenance.duplicates import Duplicates
    from cavewall.maintenance.embed_images import ImageEmbeddingReport
    from cavewall.maintenance.optimize import OptimizeReport
    from cavewall.maintenance.reencode import ReencodeReport
    from cavewall.storage.table_admin import Version

__all__ = ["Wall", "open_wall"]

# Versions ready to be searched: who leafs through one goes on while pictures are added.
_VERSIONS = 3
# Expressions asked together: as many as their texts are sure to be remembered.
_MANY = 256
_ATTEMPTS = 3

EngineName = Literal["local", "ray"]

P = ParamSpec("P")
T = TypeVar("T")


def _asked_again(method: Callable[Concatenate[Wall, P], T]) -> Callable[Concatenate[Wall, P], T]:
    """What reads one version, and asks the newest one again where that is cleaned up meanwhile."""

    @functools.wraps(method)
    def asked(self: Wall, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._again(lambda: method(self, *args, **kwargs))

    return asked


def open_wall(
    uri: str | os.PathLike[str],
    encoder: str | Encoder | None = None,
    image_encoder: str | ImageEncoder | None = None,
) -> Wall:
    """A wall at a folder or an object-storage address. Never creates anything.

    Where nothing is yet, the first `add` creates the wall; reading before raises
    WallNotFoundError. `encoder` is a name, a model folder or an `Encoder`; None means the wall's
    own, else the packaged all-MiniLM-L6-v2. `image_encoder` is that of the image space, where
    pictures are found by what they show: None means the wall's own, if it has one (see
    `docs/spaces.md`).

    Raises:
        EncoderMismatchError: the wall was made with another encoder.
        WallFormatError: something else than a wall stands there.
    """
    return Wall(uri, encoder, image_encoder)


@raises_storage_errors
class Wall:
    """A collection of pictures that can be searched by meaning.

    Safe to use from several threads, and a context manager.
    """

    def __init__(
        self,
        uri: str | os.PathLike[str],
        encoder: str | Encoder | None = None,
        image_encoder: str | ImageEncoder | None = None,
    ) -> None:
        self.address = _address(uri)
        self._lock = threading.RLock()
        # An `add` takes as long as it takes: only another one waits for it, no search does.
        self._adding = threading.RLock()
        self._store: Store | None = None
        self._searchables: LRUCache[tuple[str, int], WallVersion] = LRUCache(_VERSIONS)
        self._seeing: LRUCache[tuple[str, int], Spaces] = LRUCache(_VERSIONS)
        self._encoder: Encoder | None = None
        self._remembering: CachedEncoder | None = None
        self._asked = encoder
        self._image_encoder: ImageEncoder | None = None
        self._asked_image = image_encoder
        store = self._try_store()
        # A wrong encoder is told at once; the wall's own is looked up when it is needed.
        if store is not None and encoder is not None:
            _ = self.encoder
        if store is not None and image_encoder is not None:
            _ = self.image_encoder

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
            self._searchables.clear()
            self._seeing.clear()

    # Adding.

    def add(  # noqa: PLR0913 -- one option each
        self,
        source: Any,
        images: str | os.PathLike[str] | None = None,
        missing: ingest.Missing = "skip",
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
        progress: ingest.Progress | None = None,
    ) -> AddReport:
        """Add the pictures of a source; what is there already and unchanged costs nothing.

        Args:
            source: a captions file, a folder of pictures, either by its address in a bucket
                (`s3://bucket/photos`), a DataFrame or Arrow table, or an iterable of `Picture`.
            images: the folder or address of the pictures, where it is not beside the captions.
            missing: `skip` a captioned picture without a file, or `keep` it without bytes.
            overwrite: replace the wall's content, in one version.
            link: store thumbnails and paths, and leave the originals where they are.
            strict: raise InputError at the first picture that cannot be taken.
            retry: take up only those that the last `add` of this source did not take.
            prune: remove the pictures that this source brought and no longer has; never more than
                half of what it brought, unless you `insist`.
            format: how the source is laid out, one of `csv`, `jsonl`, `parquet`, `token`, `coco`,
                `imagefolder` and `folder`, where looking at it does not tell.
            image_column: which column names the images, where its name is unusual.
            caption_column: which one holds the captions.
            id_column: which one holds the ids.
            each_caption: make a picture of every caption, with the ids `name#0`, `name#1` …
            engine: `local` is this process, `ray` a cluster of machines: see `docs/scale.md`.
            ray_address: of the cluster, HOST:PORT, or `auto` on one of its machines. None is that
                of $RAY_ADDRESS, else a cluster of this machine's own while it takes.
            progress: told how the work goes.
        """
        options = ingest.Options(missing, link, overwrite, strict, retry, prune, insist)
        start = time.perf_counter()
        columns = Columns(image_column, caption_column, id_column)
        eye = self.image_encoder
        layout = SourceColumns(format, columns, each_caption, captionless=eye is not None)
        opened = open_source(source, images, layout)
        chosen = _engine(engine, ray_address)
        with self._adding:
            with writer_lease(self.address):
                report = ingest.add(
                    opened,
                    self.encoder,
                    self.address,
                    self._try_seeing(eye),
                    self._store_or_new,
                    options,
                    image_encoder=eye,
                    engine=chosen,
                    progress=progress,
                    start=start,
                )
            if report.added or report.updated or report.moved or report.removed:
                self._settle()
            if chosen is not None and chosen.leaves_files:
                self._tidy()
            return report

    def rejects(self, source: str | os.PathLike[str] | None = None) -> tuple[Reject, ...]:
        """The pictures that the last `add` of each source, or of this one, did not take."""
        rejects = self._reading().rejects.all()
        if source is not None:
            rejects = [reject for reject in rejects if _is_of(reject, os.fspath(source))]
        return tuple(rejects)

    def adopt(
        self,
        table: str | os.PathLike[str],
        *,
        vector_column: str | None = None,
        id_column: str | None = None,
        caption_column: str | None = None,
        image_column: str | None = None,
    ) -> AttachReport:
        """Make this wall of a LanceDB table that is there already, searched where it is.

        Nothing of the table is copied or changed. Columns of the usual names need not be named.

        Raises:
            InputError: there is no such table, its columns cannot be told, or a wall stands here.
            EncoderMismatchError: the table's vectors are not those of this wall's encoder.
        """
        from cavewall.maintenance.adopt import adopt

        with self._adding:
            return adopt(
                self.address,
                os.fspath(table),
                encoder_for_wall(self.address, self._asked, None),
                vector=vector_column,
                image_id=id_column,
                captions=caption_column,
                image=image_column,
            )

    # Searching.

    @_asked_again
    def search(  # noqa: PLR0913 -- one option each
        self,
        expression: str | Expression,
        k: int = 10,
        rule: str | None = None,
        where: str | Filter | None = None,
        *,
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
        space: str | None = None,
        area: Area | None = None,
    ) -> Hits:
        """The `k` pictures that the expression describes best.

        Args:
            expression: text in the expression language, or a value built with `cavewall.text`,
                `image`, `like` and operators.
            k: how many, 1 to 10,000.
            rule: how terms combine; None is the default.
            where: a filter, such as `year >= 2019 and not tagged("draft")`: see `docs/filters.md`.
            offset: how many of the best to pass over, for pages that fit together; ask for all of
                them with 0 and more, and with the `version` of the first.
            version: a version of the wall, where it is not the newest that is asked.
            diverse: how much being unlike the hits before counts against the score, 0 to 1.
            dedupe: leave out what has the bytes, the look or nearly the vector of a better hit.
            group_by: a field; the best picture of each of its values is shown.
            include_inputs: let pictures that are terms of the expression answer it too.
            apply_negation: read `dog without a leash` as `dog - leash`: see
                `cavewall.query.negation`.
            min_percentile: leave out hits whose percentile, 0 to 100, is lower.
            explain: find the reasons at once, as `hits.explanation`; `hit.explain()` finds them
                later.
            thumbnails: give each hit its thumbnail; without, the table itself is not read.
            space: `caption`, `image` or `both`: by what is said of pictures, or by what they show.
                None is every space that the wall has: see `docs/spaces.md`.
            area: only pictures in this part of a map: see `docs/map.md`.
        """
        start = time.perf_counter()
        selection = Selection(k, offset, diverse, dedupe, group_by)
        condition = _filter(where)
        value = self.resolved(expression)
        if apply_negation:
            value = without_negation(value)
        spaces = self._spaces(version)
        if spaces.image is None:
            value = replace_known_images(value, spaces.caption)
        allowed = spaces.filter_mask(condition)
        if area is not None:
            allowed = intersect(allowed, spaces.among_everyone(inside(area, spaces.caption)))
        inquiry = planner.plan(value, spaces, rule_named(rule), include_inputs, allowed, space)
        hits = build_hits(inquiry, selection, start, min_percentile, explain, condition, thumbnails)
        return hits if area is None else replace(hits, area=area)

    @_asked_again
    def term_of(self, picture: bytes, *, version: int | None = None) -> Leaf:
        """The bytes of a picture as a term of this wall's expressions, whatever its versions.

        With an image space it is what the picture shows, and prints as `image("upload:…")`, which
        nobody can read back; without one it is `like("id")` of the picture of the wall that has
        these bytes or this look.

        Raises:
            InputError: this is no picture, or there is no image space and it is not on the wall.
        """
        spaces = self._spaces(version)
        if spaces.image is None:
            return find_by_digest(picture, spaces.caption)
        return spaces.image.seen(picture)

    @_asked_again
    def scores(
        self,
        expression: str | Expression,
        rule: str | None = None,
        where: str | Filter | None = None,
        *,
        version: int | None = None,
    ) -> NDArray[np.float32]:
        """The score of every picture in the order of `map().ids`, in single precision: (n,).

        NaN where a picture may not answer: the filter is not true of it, or it is a term.
        """
        value, spaces = self.resolved(expression), self._spaces(version)
        allowed = spaces.filter_mask(_filter(where))
        asked = planner.plan(value, spaces, rule_named(rule), allowed=allowed)
        return planner.scores_of_captioned(asked, spaces)

    @_asked_again
    def fields(self, *, version: int | None = None) -> tuple[FieldSummary, ...]:
        """What a filter may name on this wall, and how many pictures have it."""
        current = self._current(version)
        return current.store.fields(current.version)

    @_asked_again
    def facets(
        self,
        field: str,
        where: str | Filter | None = None,
        limit: int = 20,
        *,
        version: int | None = None,
    ) -> Facets:
        """How many of the pictures that a filter is true of, or of all, have which value.

        Raises:
            FilterError: there is no such field.
        """
        spaces = self._spaces(version)
        return spaces.everyone.facets(field, spaces.filter_mask(_filter(where)), limit)

    def search_many(
        self,
        expressions: Iterable[str | Expression],
        k: int = 10,
        rule: str | None = None,
        where: str | Filter | None = None,
    ) -> list[Hits]:
        """What `search` answers to each of many expressions, their texts encoded together.

        Pictures are scored for 64 of them at a time, in one product. All answers are of one
        version.
        """
        selection = Selection(k)
        condition = _filter(where)
        values = self._resolved(expressions)
        return self._again(lambda: self._answers(values, selection, rule_named(rule), condition))

    def _answers(
        self, values: list[Expression], selection: Selection, rule: Rule, where: Filter | None
    ) -> list[Hits]:
        current, allowed = self._among(where)
        found: list[Hits] = []
        for at in range(0, len(values), _MANY):
            start, part = time.perf_counter(), values[at : at + _MANY]
            leaves = (leaf for each in part for leaf in each.leaves())
            # Each inquiry finds its texts remembered.
            self._queries.encode([leaf.text for leaf in leaves if isinstance(leaf, Text)])
            inquiries = [
                SingleSpaceRanking.ask(each, current, self._queries, rule, allowed=allowed)
                for each in part
            ]
            score_batch(inquiries)
            found += [build_hits(inquiry, selection, start, where=where) for inquiry in inquiries]
        return found

    def explain(self, hits: Hits) -> Explanation:
        """Why an answer is what it is: see `cavewall.search.explanation`.

        Raises:
            InputError: the answer was not made by a search, or was pickled since.
        """
        return hits.explain()

    @_asked_again
    def compare(
        self,
        a: str | Expression,
        b: str | Expression,
        k: int = 10,
        rule: str | None = None,
        where: str | Filter | None = None,
        *,
        version: int | None = None,
    ) -> Comparison:
        """What changes among the first `k` from `a` to `b`, and the term responsible for each.

        Both are asked of one version, the newest or that one, among the pictures that the filter
        `where` is true of.

        Raises:
            InputError: both are the same expression.
        """
        k = Selection(k).k
        values, chosen = self._resolved([a, b]), rule_named(rule)
        current, allowed = self._among(_filter(where), version)
        before, after = (
            SingleSpaceRanking.ask(value, current, self._queries, chosen, allowed=allowed)
            for value in values
        )
        if before.expression == after.expression:
            raise InputError(f"`{after.expression}` is compared with itself: nothing can change")
        return compare(before, after, k)

    @_asked_again
    def path(
        self,
        a: str | Expression,
        b: str | Expression,
        steps: int = 5,
        *,
        version: int | None = None,
    ) -> Hits:
        """Pictures along the arc from `a` to `b`, one for each of 2 to 1,000 even steps.

        All are different, ranked by rule `add`; pictures that are terms of `a` or `b` are left out.
        """
        start, end = self._resolved([a, b])
        return path(interpolate(start, end, steps), self._current(version), self._queries)

    def grid(
        self,
        rows: Concepts,
        columns: Concepts,
        examples: int = 3,
        where: str | Filter | None = None,
    ) -> Grid:
        """How many pictures show each concept of the rows with each one of the columns.

        `grid("dog, cat", "sand, snow")`: texts with commas, or lists of expressions. Of these
        pictures, those that the filter `where` is true of. What counts as shown, and how sure that
        is: see `cavewall.explore.coverage`.

        Raises:
            InputError: no concepts, too many or one of them twice, or what is no concept.
        """
        a = self._resolved(concepts_of(rows, "rows"))
        b = self._resolved(concepts_of(columns, "columns"))
        condition = _filter(where)

        def covered() -> Grid:
            current, allowed = self._among(condition)
            return cover(a, b, current, self._queries, examples, allowed)

        return self._again(covered)

    @_asked_again
    def plot_grid(self, grid: Grid, path: str | os.PathLike[str]) -> None:
        """Draw a grid as a heat map with a picture in each cell, into a PNG file.

        Raises:
            InputError: the file is no PNG or cannot be written.
            MissingExtraError: matplotlib is not installed.
        """
        from cavewall.explore.plots.coverage import plot_grid

        plot_grid(grid, self._current(), path)

    @_asked_again
    def map(
        self,
        layout: str = "pca",
        *,
        version: int | None = None,
        progress: Callable[[str, float], None] | None = None,
    ) -> Map:
        """All pictures in two dimensions, in groups that are named by their terms.

        `pca`, the plane in which the vectors differ most, is there at once. `umap` is computed
        where it was not yet, from where a run was stopped or an older version stood.

        Raises:
            InputError: no such layout.
            MissingExtraError: umap-learn is not installed.
        """
        current = self._current(version)
        told = None if progress is None else functools.partial(progress, "laying out")
        return build_map(current, layout, current.make_layout(check_layout(layout), told))

    @_asked_again
    def layouts(self, *, version: int | None = None) -> tuple[LayoutStatus, ...]:
        """Which layouts of the map are ready, which are being computed and which cannot be."""
        return layout_statuses(self._current(version))

    @_asked_again
    def labels(
        self, pictures: Sequence[int | str], *, version: int | None = None
    ) -> tuple[Label, ...]:
        """What a map says of pictures, by their places in `map().ids` or by their ids.

        Raises:
            InputError: there is no such place.
            UnknownPictureError: there is no such picture.
        """
        return picture_labels(pictures, self._current(version))

    @_asked_again
    def plot_map(self, map: Map, path: str | os.PathLike[str]) -> None:
        """Draw a map with thumbnails spread over it, into a PNG file.

        Raises:
            InputError: the file is no PNG or cannot be written.
            MissingExtraError: matplotlib is not installed.
        """
        from cavewall.explore.plots.map import plot_map

        plot_map(map, self._current(map.version), path)

    @_asked_again
    def places(
        self,
        expression: str | Expression,
        layout: str = "pca",
        *,
        to: str | Expression | None = None,
        steps: int = 5,
        version: int | None = None,
    ) -> Projection2D:
        """Where an expression and its terms lie on a map, and with `to` the path to another one.

        Raises:
            InputError: no such layout, or one that `map` has to make first.
        """
        value = self.resolved(expression)
        end = None if to is None else self.resolved(to)
        return project(value, self._current(version), self._queries, layout, end, steps)

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

    # Saved terms.

    @_asked_again
    def save_term(
        self,
        name: str,
        expression: str | Expression | None = None,
        *,
        from_search: str | Expression | None = None,
        from_where: str | Filter | None = None,
        k: int = 10,
    ) -> SavedTerm:
        """Keep a term with the wall, as `@name` in every expression: see `docs/terms.md`.

        Args:
            name: letters, digits, `_` and `-`; what was saved under it before is replaced.
            expression: what it stands for, anew whenever it is used.
            from_search: an expression; the term is the centroid of the first `k` hits.
            from_where: a filter; the term is the centroid of all pictures that it is true of.
            k: how many hits, 1 to 10,000.

        Raises:
            InputError: not one of the three is given, or no pictures are found.
        """
        name = check_name(name)
        saved_terms.check_one(expression=expression, from_search=from_search, from_where=from_where)
        if expression is not None:
            value = parse(expression) if isinstance(expression, str) else expression
            term = saved_terms.from_expression(name, value, saved_terms.TermResolver(self._reading))
        elif from_search is not None:
            k = Selection(k).k
            term = saved_terms.from_search(name, self._inquiry(from_search, None), k)
        elif (where := _filter(from_where)) is not None:
            term = saved_terms.from_where(name, where, self._current())
        return replace(term, replaced=self._reading().terms.save(term))

    def terms(self) -> tuple[SavedTerm, ...]:
        """The terms that are saved, by name."""
        return tuple(self._reading().terms.all())

    def remove_term(self, name: str) -> None:
        """Forget a saved term. Raises InputError where there is none of that name."""
        saved_terms.remove(name, self._reading().terms)

    def resolved(self, expression: str | Expression) -> Expression:
        """An expression in which every `@name` has its meaning; it prints the same.

        Raises:
            InputError: nothing is saved under a name, or the centroid of another encoder.
        """
        return self._resolved([expression])[0]

    # Measuring.

    def evaluate_swaps(
        self,
        questions: Iterable[Question],
        names: Sequence[str] = (),
        progress: Callable[[int, int], None] | None = None,
    ) -> SwapReport:
        """How well rules and baselines answer swap questions: see `cavewall.explore.evaluation`."""
        from cavewall.explore.evaluation import evaluate_swaps

        asked = list(questions)
        return self._again(
            lambda: evaluate_swaps(self._current(), self.encoder, asked, names, progress)
        )

    @_asked_again
    def evaluate_retrieval(
        self,
        sample: int | None = None,
        seed: int = 0,
        progress: Callable[[int, int], None] | None = None,
        *,
        caption: int | None = None,
        space: str | None = None,
    ) -> RetrievalReport:
        """How well captions find their pictures: see `cavewall.explore.evaluation`.

        Left out of their pictures in the `caption` space, which None is too; by what these show in
        the `image` space.

        Raises:
            InputError: there is no such space, or nothing to ask with.
        """
        from cavewall.explore.evaluation import evaluate_image_retrieval, evaluate_retrieval

        if space not in (None, "caption"):
            image = planner.image_space(self._spaces(), space)
            if caption is not None:
                raise InputError("no caption is left out in the image space: leave caption out")
            return evaluate_image_retrieval(image, sample, seed, progress)
        current = self._current()
        return evaluate_retrieval(current, self.encoder, sample, seed, progress, caption=caption)

    # Changing the model.

    def reencode(
        self,
        encoder: str | Encoder,
        questions: Iterable[Question] = (),
        progress: Callable[[int, int], None] | None = None,
        *,
        engine: EngineName = "local",
        ray_address: str | None = None,
    ) -> ReencodeReport:
        """Give every picture a second vector, by another encoder, while the first one serves.

        A run that was stopped goes on where it stood. `switch_encoder` lets the new vectors
        serve, and with `questions` (see `cavewall.explore.evaluation`) both are judged first.

        Raises:
            InputError: the encoder serves already, or vectors of a third one stand by.
        """
        from cavewall.maintenance import reencode
        from cavewall.maintenance.encoder_comparison import difference

        with self._adding, writer_lease(self.address):
            store = self._reading()
            serving = (self._current(), self.encoder)
            other = encoder_for_wall(self.address, encoder, None)
            encoding = None
            if _is_elsewhere(engine, ray_address):
                from cavewall.cluster.reencode import encode_on_ray

                encoding = encode_on_ray(other, ray_address)
            filled = reencode.encode_missing(store, other, progress, encoding)
            standing_by = (WallVersion(store, lambda: other, STANDBY), other)
            change = difference(serving, standing_by, questions)
        return reencode.ReencodeReport(other.name, self.encoder.name, filled, change)

    def embed_images(
        self,
        image_encoder: str | ImageEncoder | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> ImageEmbeddingReport:
        """Give every picture that has bytes an image vector, window by window while it serves.

        `image_encoder` may be left out where the wall has an image space. A run that was stopped
        goes on where it stood.

        Raises:
            InputError: there is no image space and no encoder is named, or the space is another's.
        """
        from cavewall.maintenance import embed_images

        with self._adding, writer_lease(self.address):
            store = self._reading()
            eye = (
                self.image_encoder
                if image_encoder is None
                else image_encoder_for_wall(self.address, image_encoder, store.metadata.image)
            )
            if eye is None:
                raise InputError(
                    f"the wall {self.address} has no image space: name the image encoder that is "
                    "to make one"
                )
            seen = embed_images.embed_images(store, eye, progress)
            self._image_encoder = eye
            self._settle()
        return seen

    def discard_image_space(self) -> None:
        """Drop the image vectors. Pictures without captions stay, and no search finds them."""
        from cavewall.maintenance import embed_images

        with self._adding:
            embed_images.discard(self._reading())
            self._image_encoder = self._asked_image = None
            self._settle()

    def switch_encoder(self) -> str:
        """Let the vectors that stand by serve, in one version; returns their encoder's name.

        Those that served stand by: switching back is the same, until `finish_reencoding`.
        """
        from cavewall.maintenance import reencode

        with self._adding:
            store = self._reading()
            reencode.switch(store)
            self._asked = None
            return store.metadata.encoder.name

    def finish_reencoding(self) -> None:
        """Drop the older vectors, once the new ones serve."""
        from cavewall.maintenance import reencode

        with self._adding:
            reencode.finish(self._reading())
            self._settle()

    def discard_reencoding(self) -> None:
        """Drop the vectors that stand by, whichever they are."""
        from cavewall.maintenance import reencode

        with self._adding:
            reencode.discard(self._reading())
            self._settle()

    # Looking after it.

    def delete(self, image_ids: Iterable[str]) -> int:
        """Take those pictures off the wall, in one version; how many there were.

        Raises:
            UnknownPictureError: one is not on the wall. Nothing is deleted then.
        """
        from cavewall.maintenance.delete import delete

        with self._adding:
            with writer_lease(self.address):
                deleted = delete(self._reading(), image_ids)
            if deleted:
                self._settle()
            return deleted

    @_asked_again
    def duplicates(
        self,
        threshold: float | None = None,
        progress: Callable[[str, float], None] | None = None,
    ) -> Duplicates:
        """Groups of the same bytes, the same look, or vectors of that cosine or more."""
        from cavewall.index.phash import COSINE
        from cavewall.maintenance.duplicates import find_duplicates

        return find_duplicates(
            self._current(), COSINE if threshold is None else threshold, progress
        )

    def duplicates_sheet(self, duplicates: Duplicates) -> Image.Image:
        """The groups as one picture, the first of them if there are many."""
        from cavewall.maintenance.duplicates import duplicates_sheet

        return duplicates_sheet(self._reading(), duplicates)

    @_asked_again
    def export(self, path: str | os.PathLike[str], *, atlas: bool = False) -> int:
        """Write the wall to a `.parquet` or `.csv` file; how many pictures: see `docs/upkeep.md`.

        Raises:
            InputError: the name ends in something else, or the place cannot be written to.
        """
        from cavewall.maintenance.export import export

        return export(self._reading(), Path(path), atlas=atlas)

    @_asked_again
    def doctor(self) -> HealthReport:
        """What is wrong with the wall, and what to do about it."""
        from cavewall.maintenance.doctor import check

        return check(self._reading(), lambda: self.encoder)

    def optimize(self) -> OptimizeReport:
        """Merge small files, and remove old versions and what stopped writers left.

        The newest version, all tagged ones and what was last overwritten stay.
        """
        from cavewall.maintenance.optimize import optimize

        with self._adding:
            return optimize(self._reading())

    @_asked_again
    def index(
        self,
        *,
        check: bool = False,
        engine: EngineName = "local",
        ray_address: str | None = None,
        progress: Callable[[str, float], None] | None = None,
    ) -> IndexReport:
        """Make ready what searches of the newest version need, an index of its vectors included.

        Otherwise the first search does, and waits for it. With `check`, the recall and speed of
        the index are measured on captions of this wall. For `engine` and `ray_address` see `add`.
        """
        from cavewall.maintenance.build_index import make_index

        current, placing = self._current(), None
        if _is_elsewhere(engine, ray_address):
            from cavewall.cluster.index import assign_on_ray

            placing = assign_on_ray(current, ray_address)
        return make_index(current, self.encoder, check, progress, placing)

    def versions(self) -> list[Version]:
        """The versions that are there, oldest first."""
        from cavewall.storage.table_admin import TableAdmin

        return TableAdmin(self._reading()).versions()

    def tag(self, name: str, version: int | None = None) -> int:
        """Name a version, the newest if none is given, so that it is kept; returns its number.

        Raises:
            InputError: a name that cannot be, or a version that is not there.
        """
        from cavewall.maintenance.versions import tag

        return tag(self._reading(), name, version)

    def untag(self, name: str) -> int:
        """Take a version's name away; returns its number. Raises InputError if none has it."""
        from cavewall.maintenance.versions import untag

        return untag(self._reading(), name)

    def restore(self, version: int | str) -> int:
        """Make a version, by number or tag, the newest again; returns its new number.

        What is replaced stays as the tag `overwritten`.

        Raises:
            InputError: there is no such version, or it is the newest already.
        """
        from cavewall.maintenance.versions import restore

        with self._adding, writer_lease(self.address):
            return restore(self._reading(), version)

    # Looking.

    @_asked_again
    def picture(
        self, image_id: str, *, version: int | None = None, with_image: bool = True
    ) -> Picture:
        """One picture with its captions and bytes, as it is or was at a version of the wall.

        Without its bytes it is there sooner.

        Raises:
            UnknownPictureError: it is not there.
        """
        return self._spaces(version).everyone.picture(image_id, with_image)

    @_asked_again
    def row(self, image_id: str, *, version: int | None = None) -> tuple[ColumnValue, ...]:
        """The row of the table that holds a picture, laid open: a cell for each column.

        Raises:
            UnknownPictureError: it is not there.
        """
        return self._spaces(version).everyone.row(image_id)

    def info(self) -> dict[str, Any]:
        """What the wall holds and who made its vectors."""
        store = self._reading()
        standby, image = store.metadata.standby, store.metadata.image
        return {
            "address": self.address,
            "pictures": store.count(),
            "without_image": store.count("sha256 IS NULL"),
            "version": store.version,
            "format": store.metadata.format,
            "encoder": store.metadata.encoder.to_dict(),
            "standby": None if standby is None else standby.to_dict(),
            "indexed": self._current().indexed,
            "standby_lacking": 0 if standby is None else store.count(UNFILLED),
            "image_encoder": None if image is None else image.to_dict(),
            "without_captions": store.count("array_length(captions) = 0"),
            "image_lacking": 0 if image is None else ImageVectors(store).lacking(),
        }

    @property
    def spaces(self) -> tuple[str, ...]:
        """What the newest version can be searched by: `caption`, and `image` where it has that."""
        image = self._reading().metadata.image
        return ("caption",) if image is None else ("caption", "image")

    @property
    def version(self) -> int:
        """The number of the newest version."""
        return self._reading().version

    @property
    def encoder(self) -> Encoder:
        """The encoder of this wall. Its model loads at the first use."""
        with self._lock:
            if self._encoder is None:
                store = self._try_store()
                wanted = None if store is None else store.metadata.encoder
                self._encoder = encoder_for_wall(self.address, self._asked, wanted)
            return self._encoder

    @property
    def image_encoder(self) -> ImageEncoder | None:
        """The encoder of the image space, None where there is none. Its model loads when used."""
        with self._lock:
            if self._image_encoder is None:
                store = self._try_store()
                wanted = None if store is None else store.metadata.image
                asked = self._asked_image
                self._image_encoder = image_encoder_for_wall(self.address, asked, wanted)
            return self._image_encoder

    def __len__(self) -> int:
        return self._reading().count()

    # Inside.

    @property
    def _queries(self) -> Encoder:
        """The encoder for texts of queries, whose terms come again and again."""
        with self._lock:
            if self._remembering is None:
                self._remembering = CachedEncoder(self.encoder)
            return self._remembering

    def _reading(self) -> Store:
        with self._lock:
            if self._store is None:
                store = open_store(self.address)
                if self._encoder is not None:
                    # Someone else made the wall since: it must be with this encoder.
                    encoder_for_wall(self.address, self._encoder, store.metadata.encoder)
                self._store = store
            self._store.refresh()
            made_by = self._store.metadata.encoder
            if self._encoder is not None and not self._encoder.identity.same_vectors_as(made_by):
                # The wall has changed its model: the next use looks for the right one.
                self._encoder = self._remembering = None
            sees = self._store.metadata.image
            eye = self._image_encoder
            if eye is not None and sees is not None and not eye.identity.same_vectors_as(sees):
                self._image_encoder = None
            return self._store

    def _settle(self) -> None:
        from cavewall.maintenance.compaction import auto_compact

        auto_compact(self._reading())

    def _tidy(self) -> None:
        from cavewall.maintenance.compaction import clean_up

        # Whoever is at work keeps them: the next optimize removes them.
        with suppress(OSError, RuntimeError, ValueError):
            clean_up(self._reading(), orphans=True)

    def _again(self, work: Callable[[], T]) -> T:
        """What the work gives, asked again of the newest version where its own is cleaned up."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return work()
            except VersionExpiredError:
                with self._lock:
                    self._searchables.clear()
                    self._seeing.clear()
                    self._store = None
        return work()

    def _try_store(self) -> Store | None:
        try:
            return self._reading()
        except WallNotFoundError:
            return None

    def _try_seeing(self, eye: ImageEncoder | None) -> Store | None:
        """The store where there is one, with an image space if pictures are to be seen."""
        store = self._try_store()
        if eye is not None and store is not None and store.metadata.image is None:
            ImageVectors(store).make(eye.identity)
        return store

    def _store_or_new(self) -> Store:
        with self._lock:
            if self._store is None:
                eye = self.image_encoder
                image = None if eye is None else eye.identity
                store = Store.create(self.address, self.encoder.identity, image)
                # Whoever was faster must have made it with these encoders too.
                encoder_for_wall(self.address, self.encoder, store.metadata.encoder)
                image_encoder_for_wall(self.address, eye, store.metadata.image)
                self._store = store
            return self._store

    def _among(
        self, where: Filter | None, version: int | None = None
    ) -> tuple[WallVersion, NDArray[np.bool_] | None]:
        """A version, ready to be searched, and which of its pictures the filter is true of."""
        current = self._current(version)
        return current, None if where is None else current.filter_mask(where)

    def _current(self, version: int | None = None) -> WallVersion:
        """The newest version, or that one, ready to be searched."""
        with self._lock:
            store = self._reading()
            wanted = store.version if version is None else version
            return self._searchables.get(
                # Vectors of a model that no longer serves are not asked for with another one.
                (store.metadata.key(), wanted),
                lambda: WallVersion(store.at(wanted), lambda: self.encoder),
            )

    def _spaces(self, version: int | None = None) -> Spaces:
        """The newest version, or that one, ready to be searched in each of its spaces."""
        with self._lock:
            caption = self._current(version)
            made_by = caption.store.metadata.image
            if made_by is None:
                return Spaces(caption, lambda: self._queries)
            return self._seeing.get(
                (caption.store.metadata.key(IMAGE_VECTOR), caption.version),
                lambda: Spaces(
                    caption,
                    lambda: self._queries,
                    ImageSpaceVersion(caption.store, lambda: self._eye(made_by)),
                ),
            )

    def _eye(self, wanted: EncoderIdentity) -> ImageEncoder:
        """The encoder of an image space, which the newest version may have no longer."""
        eye = self.image_encoder
        if eye is None or not eye.identity.same_vectors_as(wanted):
            eye = image_encoder_for_wall(self.address, self._asked_image, wanted)
        assert eye is not None
        return eye

    def _inquiry(self, expression: str | Expression, rule: str | None) -> SingleSpaceRanking:
        chosen = rule_named(rule)
        return SingleSpaceRanking.ask(
            self.resolved(expression), self._current(), self._queries, chosen
        )

    def _resolved(self, expressions: Iterable[str | Expression]) -> list[Expression]:
        values = [parse(each) if isinstance(each, str) else each for each in expressions]
        # Read once for all, and only where there is an `@`.
        meanings = saved_terms.TermResolver(self._reading)
        return [substitute(value, meanings) for value in values]

    def _query(self, expression: str | Expression) -> Query:
        value = self.resolved(expression)
        needs_wall = any(isinstance(leaf, Like) for leaf in value.leaves())
        return compile_query(value, self._queries, self._current().snapshot if needs_wall else None)


def _address(uri: str | os.PathLike[str]) -> str:
    text = os.fspath(uri)
    # A `~name` that is nobody's is a folder of that name: pathlib's twin would raise.
    return text if "://" in text else str(Path(os.path.expanduser(text)).absolute())  # noqa: PTH111


def _engine(name: str, address: str | None) -> RayEngine | None:
    """The engine of that name for an `add`; None for this process."""
    if not _is_elsewhere(name, address):
        return None
    from cavewall.cluster import RayEngine

    return RayEngine(address)


def _is_elsewhere(engine: str, address: str | None) -> bool:
    """Whether the engine of that name works on a cluster.

    Raises:
        InputError: there is none of that name, or it needs no address.
    """
    if engine not in ("local", "ray"):
        raise InputError(f"engine is 'local' or 'ray', not {engine!r}")
    if engine == "local" and address is not None:
        raise InputError(f"a cluster at {address} is for engine 'ray': say that as well")
    return engine == "ray"


def _filter(where: str | Filter | None) -> Filter | None:
    return parse_filter(where) if isinstance(where, str) else where


def _is_of(reject: Reject, source: str) -> bool:
    """Whether the reject came from there, or from the one file of that folder."""
    name = reject.source or ""
    if is_object_address(source):
        return name == source.rstrip("/") or name.rpartition("/")[0] == source.rstrip("/")
    path = Path(_address(source)).resolve()
    return name in (source, str(path)) or (path.is_dir() and Path(name).parent == path)
