"""The encoder in LanceDB's embedding registry, so that plain LanceDB can search with text."""

from __future__ import annotations

from typing import Any

from cavewall._internal.vectors import mean_direction
from cavewall.encoders import Encoder, resolve
from cavewall.errors import EncoderMismatchError

__all__ = ["register"]


def register(encoder: Encoder | None = None) -> None:
    """Let plain LanceDB search this process's walls with text.

    After it, `lancedb.connect(address).open_table("pictures").search("dog on sand")` works.
    Without an encoder, walls of the packaged model are served, and no others: a table must not
    choose which model is loaded.
    """
    from lancedb.embeddings import EmbeddingFunction
    from lancedb.embeddings.registry import get_registry

    given = encoder

    class CavewallEncoder(EmbeddingFunction):  # type: ignore[misc]
        # No defaults: LanceDB stores only the arguments that differ from them.
        encoder: str
        digest: str
        dimension: int
        max_retries: int = 0

        def ndims(self) -> int:
            return self.dimension

        def compute_query_embeddings(self, query: str, *_: Any, **__: Any) -> list[Any]:
            return list(self._encoder().encode([query]))

        def compute_source_embeddings(self, texts: Any, *_: Any, **__: Any) -> list[Any]:
            encoder = self._encoder()
            rows = [[row] if isinstance(row, str) else list(row) for row in _to_list(texts)]
            return [mean_direction(encoder.encode(captions)) for captions in rows]

        # LanceDB would try again, and wrap what these raise in an exception of no kind.

        def compute_query_embeddings_with_retry(self, *args: Any, **kwargs: Any) -> list[Any]:
            return self.compute_query_embeddings(*args, **kwargs)

        def compute_source_embeddings_with_retry(self, *args: Any, **kwargs: Any) -> list[Any]:
            return self.compute_source_embeddings(*args, **kwargs)

        def _encoder(self) -> Encoder:
            chosen = given or resolve()
            found = chosen.identity
            if (found.digest, found.dimension) != (self.digest, self.dimension):
                raise EncoderMismatchError(
                    f"the table was made with {self.encoder} ({self.dimension}-d, digest "
                    f"{self.digest[:12]}), and the registered encoder is {found}: pass the "
                    "right one to cavewall.register()"
                )
            return chosen

    registry = get_registry()
    registry._functions["cavewall"] = CavewallEncoder
    CavewallEncoder.__embedding_function_registry_alias__ = "cavewall"


def _to_list(texts: Any) -> list[Any]:
    if isinstance(texts, str):
        return [texts]
    return list(texts.to_pylist() if hasattr(texts, "to_pylist") else texts)
