"""Small products on one thread, and BLAS as it was afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from cavewall._internal import blas
from cavewall._internal.blas import limit_blas_threads, matmul, matmul_each


def counts() -> list[int]:
    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    return [library.num_threads for library in libraries]


class Spy(np.ndarray):
    """A matrix that says with how many threads it was multiplied."""

    seen: list[list[int]]

    def __matmul__(self, other: object) -> object:  # type: ignore[override]
        self.seen.append(counts())
        return np.asarray(self) @ np.asarray(other)


def spy(rows: int) -> Spy:
    found = np.ones((rows, 4), np.float32).view(Spy)
    found.seen = []
    return found


@pytest.fixture(autouse=True)
def _several() -> None:
    if max(counts(), default=1) < 2:
        pytest.skip("BLAS has one thread here, or cannot be asked")


def test_a_small_product_has_one_thread_and_a_large_one_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = counts()
    small, large = spy(8), spy(9)
    monkeypatch.setattr(blas, "_SMALL", small.nbytes + 16)
    vector = np.arange(4, dtype=np.float32)
    for each in (small, large):
        np.testing.assert_array_equal(matmul(each, vector), np.full(len(each), 6))
    assert small.seen == [[1] * len(usual)]
    assert large.seen == [usual]
    assert counts() == usual


def test_a_product_that_fails_leaves_the_threads_as_they_were() -> None:
    usual = counts()
    with pytest.raises(ValueError, match="matmul"):
        matmul(np.ones((2, 3)), np.ones((2, 3)))
    assert counts() == usual


def test_many_at_once_end_with_the_threads_as_they_were() -> None:
    usual = counts()
    small = np.ones((1000, 64), np.float32)

    def multiply(_: int) -> None:
        for _ in range(200):
            matmul(small, small[0])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(multiply, range(4)))
    multiply(0)
    assert counts() == usual


def test_a_server_has_one_core_for_each_answer() -> None:
    usual = counts()
    with limit_blas_threads():
        assert counts() == [1] * len(usual)
        matmul(np.ones((8, 4)), np.ones(4))
        assert counts() == [1] * len(usual)
    assert counts() == usual


@pytest.mark.parametrize("terms", [1, 3, 6, 7])
@pytest.mark.parametrize("pictures", [0, 1, 2500])
def test_products_of_few_and_many_are_those_of_the_matrices(terms: int, pictures: int) -> None:
    usual = counts()
    random = np.random.default_rng(terms)
    few = random.normal(size=(terms, 16)).astype(np.float32)
    many = random.normal(size=(pictures, 16)).astype(np.float32)
    found = matmul_each(few, many)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, few @ many.T, atol=1e-5)
    assert counts() == usual
