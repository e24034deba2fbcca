"""What was asked for last is kept, the rest is made again."""

from __future__ import annotations

from cavewall.remembered import Remembered


def test_only_the_last_asked_for_are_kept() -> None:
    made: list[str] = []
    kept: Remembered[str, str] = Remembered(2)

    def ask(key: str) -> str:
        def make() -> str:
            made.append(key)
            return key.upper()

        return kept.get(key, make)

    assert [ask(key) for key in "aab"] == ["A", "A", "B"]
    assert made == ["a", "b"]
    ask("a")
    ask("c")  # now b is the one that was not asked for longest
    assert [ask(key) for key in "aac"] == ["A", "A", "C"]
    assert made == ["a", "b", "c"]
    ask("b")
    assert made == ["a", "b", "c", "b"]
