"""What was asked for last is kept, the rest is made again."""

from __future__ import annotations

from threading import Event, Thread

from cavewall._internal.cache import LRUCache, cached_property


def test_only_the_last_asked_for_are_kept() -> None:
    made: list[str] = []
    kept: LRUCache[str, str] = LRUCache(2)

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


def test_what_is_known_is_kept_longer_and_can_be_replaced() -> None:
    kept: LRUCache[str, int] = LRUCache(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.lookup("a") == 1
    kept.put("c", 3)
    assert (kept.lookup("a"), kept.lookup("b"), kept.lookup("c")) == (1, None, 3)
    kept.put("a", 4)
    assert kept.get("a", lambda: 5) == 4


class Whole:
    """A value with a part that takes its time."""

    def __init__(self, may: Event, started: Event) -> None:
        self.may, self.started = may, started
        self.made = 0

    @cached_property
    def part(self) -> list[int]:
        """The part."""
        self.made += 1
        self.started.set()
        assert self.may.wait(30)
        return [self.made]


def opened() -> Event:
    event = Event()
    event.set()
    return event


def test_a_part_is_made_when_it_is_first_asked_for() -> None:
    whole = Whole(opened(), Event())
    assert whole.made == 0
    assert whole.part is whole.part
    assert whole.made == 1
    assert Whole.part.__doc__ == "The part."


def test_who_makes_a_part_keeps_nobody_from_another_values() -> None:
    slow, quick = Whole(Event(), Event()), Whole(opened(), Event())
    thread = Thread(target=lambda: slow.part)
    thread.start()
    assert slow.started.wait(30)
    assert quick.part == [1]
    slow.may.set()
    thread.join(30)
    assert slow.part == [1]


def test_threads_that_ask_at_once_get_the_same() -> None:
    whole = Whole(Event(), Event())
    found: list[list[int]] = []
    threads = [Thread(target=lambda: found.append(whole.part)) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert whole.started.wait(30)
    whole.may.set()
    for thread in threads:
        thread.join(30)
    assert all(each is found[0] for each in found)
