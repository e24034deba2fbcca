"""`wall.terms`: expressions and centroids that are saved with a wall, as `@name`."""

from __future__ import annotations

from dataclasses import replace

from cavewall.query import Expression, parse
from cavewall.query.filters import Filter, as_filter
from cavewall.query.values import check_name
from cavewall.search import saved_terms
from cavewall.search.connection import Namespace, retried
from cavewall.search.planner import plan
from cavewall.search.request import SearchRequest
from cavewall.storage import SavedTerm
from cavewall.storage.object_store_errors import raises_storage_errors

__all__ = ["WallTerms"]


@raises_storage_errors
class WallTerms(Namespace):
    """The saved terms of a wall: see `docs/terms.md`."""

    @retried
    def save(
        self,
        name: str,
        expression: str | Expression | None = None,
        *,
        from_search: str | Expression | None = None,
        from_where: str | Filter | None = None,
        k: int = 10,
        space: str | None = None,
    ) -> SavedTerm:
        """Save a term with the wall, as `@name` in every expression.

        Args:
            name: letters, digits, `_` and `-`; what was saved under it before is replaced.
            expression: what it stands for, understood again whenever it is used.
            from_search: an expression; the term is the centroid of the first `k` hits.
            from_where: a filter; the term is the centroid of all pictures that it is true of.
            k: how many hits, 1 to 10,000.
            space: whose vectors a centroid is the mean of; None is `caption` if there are any.

        Raises:
            InputError: not one of the three is given, or no pictures are found.
        """
        name = check_name(name)
        saved_terms.check_one(expression=expression, from_search=from_search, from_where=from_where)
        connection = self.connection
        if expression is not None:
            value = parse(expression) if isinstance(expression, str) else expression
            resolver = saved_terms.TermResolver(connection.store)
            term = saved_terms.from_expression(name, value, resolver)
        elif from_search is not None:
            (value,) = connection.resolve(from_search)
            request = SearchRequest(value, k, space=space)
            version = connection.version()
            chosen = version.one_space(space)
            term = saved_terms.from_search(name, plan(request, version), chosen, k)
        elif (where := as_filter(from_where)) is not None:
            chosen = connection.version().one_space(space)
            term = saved_terms.from_where(name, where, chosen)
        return replace(term, replaced=connection.store().terms.save(term))

    def all(self) -> tuple[SavedTerm, ...]:
        """The terms that are saved, by name."""
        return tuple(self.connection.store().terms.all())

    def remove(self, name: str) -> None:
        """Forget a saved term. Raises InputError where there is none of that name."""
        saved_terms.remove(name, self.connection.store().terms)
