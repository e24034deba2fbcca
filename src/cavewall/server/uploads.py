"""Uploaded pictures as terms: expressions of clients may name these, but no files."""

from __future__ import annotations

from cavewall._internal.cache import LRUCache
from cavewall.query import Expression, Image, parse, text, with_images
from cavewall.search.vector_space import UPLOAD
from cavewall.server.problems import ProblemError
from cavewall.wall import Wall

__all__ = ["Uploads"]

_MOST = 64


class Uploads:
    """The last pictures that were sent, as terms; nothing of them is written to the disk."""

    def __init__(self) -> None:
        self._kept: LRUCache[str, Image] = LRUCache(_MOST)

    def keep(self, term: Image) -> None:
        """Remember a picture by its name, and forget the one that was not asked for longest."""
        self._kept.put(term.path, term)

    def expression(self, wall: Wall, q: str, literal: bool = False) -> Expression:
        """What a client asks for. It names no files of this machine, and no addresses to fetch.

        Raises:
            ProblemError: it does, or names a picture that is not remembered.
        """
        value = text(q) if literal else parse(q)
        images = [leaf for leaf in value.leaves() if isinstance(leaf, Image)]
        sent = {leaf: self._sent(leaf) for leaf in images if leaf.path.startswith(UPLOAD)}
        value = with_images(value, sent)
        # Saved terms are opened too: whoever wrote them may have named files.
        for leaf in wall.resolved(value).leaves():
            if isinstance(leaf, Image) and leaf.vector is None:
                raise ProblemError(
                    422,
                    "image() names a file of the machine that serves, which is not read over HTTP: "
                    'write like("image_id") for a picture of the wall, or send one to /api/images',
                )
        return value

    def _sent(self, leaf: Image) -> Image:
        term = self._kept.lookup(leaf.path)
        if term is None:
            raise ProblemError(
                422,
                f"{leaf} is a picture that is no longer remembered, for many were sent since or "
                "the server was started anew: send it again",
            )
        return term
