"""`wall.map`, `wall.coverage` and `wall.evaluation`: the wall as a whole."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.progress import CountProgress, StageProgress
from cavewall.errors import InputError
from cavewall.query import Expression
from cavewall.query.filters import Filter, as_filter
from cavewall.query.map_area import check_layout
from cavewall.search.connection import Namespace, retried
from cavewall.search.planner import plan
from cavewall.search.request import SearchRequest
from cavewall.storage.object_store_errors import raises_storage_errors

if TYPE_CHECKING:
    from cavewall.explore.coverage import Concepts, Grid
    from cavewall.explore.evaluation import Question, RetrievalReport, SwapReport
    from cavewall.explore.map import Label, LayoutStatus, Map
    from cavewall.explore.project import Projection2D

__all__ = ["WallCoverage", "WallEvaluation", "WallMap"]


@raises_storage_errors
class WallMap(Namespace):
    """The pictures of a wall in two dimensions: see `docs/map.md`.

    A map is one of the vectors of one space: `caption`, where any picture has a caption, unless
    `space` says otherwise.
    """

    @retried
    def build(
        self,
        layout: str = "pca",
        *,
        space: str | None = None,
        version: int | None = None,
        progress: StageProgress | None = None,
    ) -> Map:
        """All pictures in two dimensions, in groups that are named by their words.

        `pca`, the plane of the first two principal components, is ready at once. `umap` is
        computed where it is not ready yet.

        Raises:
            InputError: no such layout.
            MissingExtraError: umap-learn is not installed.
        """
        from cavewall.explore.map import build_map

        chosen = self.connection.version(version).one_space(space)
        step = None if progress is None else functools.partial(progress, "laying out")
        return build_map(chosen, layout, chosen.make_layout(check_layout(layout), step))

    @retried
    def layouts(
        self, *, space: str | None = None, version: int | None = None
    ) -> tuple[LayoutStatus, ...]:
        """Which layouts are ready, which are being computed and which cannot be."""
        from cavewall.explore.map import layout_statuses

        return layout_statuses(self.connection.version(version).one_space(space))

    @retried
    def labels(
        self,
        pictures: Sequence[int | str],
        *,
        space: str | None = None,
        version: int | None = None,
    ) -> tuple[Label, ...]:
        """What a map says of pictures, by their positions in `Map.ids` or by their ids.

        Raises:
            InputError: there is no such position.
            UnknownPictureError: there is no such picture.
        """
        from cavewall.explore.map import picture_labels

        return picture_labels(pictures, self.connection.version(version).one_space(space))

    @retried
    def plot(self, map: Map, path: str | os.PathLike[str]) -> None:
        """Draw a map with thumbnails spread over it, into a PNG file.

        Raises:
            InputError: the file is no PNG or cannot be written.
            MissingExtraError: matplotlib is not installed.
        """
        from cavewall.explore.plots.map import plot_map

        plot_map(map, self.connection.version(map.version), path)

    @retried
    def project(
        self,
        expression: str | Expression,
        layout: str = "pca",
        *,
        to: str | Expression | None = None,
        steps: int = 5,
        space: str | None = None,
        version: int | None = None,
    ) -> Projection2D:
        """Where an expression and its terms lie on a map, and with `to` the path to another one.

        Raises:
            InputError: no such layout, or one that `build` has to make first.
        """
        from cavewall.explore.project import project

        value, *end = self.connection.resolve(expression, *([] if to is None else [to]))
        target = end[0] if end else None
        return project(value, self.connection.version(version), layout, target, steps, space)

    @retried
    def scores(
        self,
        expression: str | Expression,
        rule: str | None = None,
        where: str | Filter | None = None,
        *,
        space: str | None = None,
        version: int | None = None,
    ) -> NDArray[np.float32]:
        """The score of every picture in the order of `Map.ids`, in single precision: (n,).

        NaN where a picture may not be a hit: the filter is not true of it, or it is a term. The map
        is that of `space`; scores come from every space of the wall.
        """
        (value,) = self.connection.resolve(expression)
        condition = as_filter(where)
        ready = self.connection.version(version)
        scores = plan(SearchRequest(value, rule=rule, where=condition), ready).all_scores()
        positions = ready.one_space(space).positions
        found: NDArray[np.float32] = scores if positions is None else scores[positions]
        return found


@raises_storage_errors
class WallCoverage(Namespace):
    """What a wall has and lacks: see `docs/grid.md`."""

    def grid(
        self,
        rows: Concepts,
        columns: Concepts,
        examples: int = 3,
        where: str | Filter | None = None,
        *,
        space: str | None = None,
    ) -> Grid:
        """How many pictures show each concept of the rows with each one of the columns.

        `grid("dog, cat", "sand, snow")`: texts with commas, or lists of expressions. Only pictures
        that the filter `where` is true of count. What counts as shown, and how sure that is: see
        `cavewall.explore.coverage`.

        Raises:
            InputError: no concepts, too many or one of them twice, or what is no concept.
        """
        from cavewall.explore.coverage import concepts_of, cover

        a = self.connection.resolve(*concepts_of(rows, "rows"))
        b = self.connection.resolve(*concepts_of(columns, "columns"))
        condition = as_filter(where)

        def covered() -> Grid:
            version = self.connection.version()
            chosen = version.one_space(space)
            allowed = None if condition is None else version.filter_mask(condition)
            if allowed is not None and chosen.positions is not None:
                allowed = allowed[chosen.positions]
            return cover(a, b, chosen, examples, allowed)

        return self.connection.retry(covered)

    @retried
    def plot(self, grid: Grid, path: str | os.PathLike[str]) -> None:
        """Draw a grid as a heat map with a picture in each cell, into a PNG file.

        Raises:
            InputError: the file is no PNG or cannot be written.
            MissingExtraError: matplotlib is not installed.
        """
        from cavewall.explore.plots.coverage import plot_grid

        plot_grid(grid, self.connection.version(), path)


@raises_storage_errors
class WallEvaluation(Namespace):
    """How good the answers of a wall are: see `cavewall.explore.evaluation`."""

    def swaps(
        self,
        questions: Iterable[Question],
        names: Sequence[str] = (),
        progress: CountProgress | None = None,
    ) -> SwapReport:
        """How well rules and baselines answer swap questions."""
        from cavewall.explore.evaluation import evaluate_swaps

        asked = list(questions)
        connection = self.connection
        return connection.retry(
            lambda: evaluate_swaps(connection.version(), connection.encoder, asked, names, progress)
        )

    @retried
    def retrieval(
        self,
        sample: int | None = None,
        seed: int = 0,
        progress: CountProgress | None = None,
        *,
        caption: int | None = None,
        space: str | None = None,
    ) -> RetrievalReport:
        """How well captions find their pictures.

        In the `caption` space, which None is too, each caption is left out of its own picture; in
        the `image` space nothing is, for no picture knows its captions.

        Raises:
            InputError: there is no such space, or nothing to ask with.
        """
        from cavewall.explore.evaluation import evaluate_image_retrieval, evaluate_retrieval

        version, encoder = self.connection.version(), self.connection.encoder
        if space in (None, "caption"):
            captions = version.caption
            return evaluate_retrieval(captions, encoder, sample, seed, progress, caption=caption)
        image = version.image_space(space)
        if caption is not None:
            raise InputError("no caption is left out in the image space: leave caption out")
        return evaluate_image_retrieval(image, sample, seed, progress)
