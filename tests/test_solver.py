"""Questions that depend on each other: circles end, and the order of asking makes no difference."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from llm_codemods.solver import DEPTH, PATIENCE, Question, Solver

EDGES = {"a": ("b", "x"), "b": ("c",), "c": ("a", "y"), "d": ("d", "b"), "x": (), "y": ()}
"""What every name leads to; a name that leads nowhere is its own answer."""


def reach(solver: Solver, name: str) -> tuple[str, ...]:
    def answer() -> tuple[str, ...]:
        if not EDGES[name]:
            return (name,)
        return tuple(dict.fromkeys(found for other in EDGES[name] for found in reach(solver, other)))

    return solver.ask(name, answer)


@pytest.mark.parametrize("order", list(permutations("abcd")))
def test_circles_have_the_same_answers_in_any_order(order: tuple[str, ...]) -> None:
    solver = Solver()
    assert [set(reach(solver, name)) for name in order] == [{"x", "y"}] * 4


def test_a_question_is_answered_once_while_nothing_changes() -> None:
    solver, asked = Solver(), []

    def answer() -> tuple[int, ...]:
        asked.append(1)
        return (1,)

    assert [solver.ask("q", answer) for _ in range(3)] == [(1,)] * 3
    assert asked == [1]


def test_readers_are_asked_again_when_an_answer_has_been_stirred() -> None:
    solver, known = Solver(), [1]
    solver.stir("told")  # nobody has asked yet

    def answer() -> tuple[int, ...]:
        return (*solver.ask("told", lambda: tuple(known)), 0)

    assert solver.ask("reader", answer) == (1, 0)
    for more in range(2, 2 * PATIENCE):
        known.append(more)
        solver.stir("told")
    assert solver.ask("reader", answer) == (*range(1, 2 * PATIENCE), 0)


def test_everybody_may_ask_a_little_before_anybody_asks_much() -> None:
    solver, answered = Solver(), list[str]()

    def chain(name: str, n: int) -> tuple[str, ...]:
        answered.append(name)
        return (name,) if n == 0 else solver.ask((name, n - 1), chain, name, n - 1)

    def asks(name: str) -> Callable[[], object]:
        return lambda: solver.ask((name, 30), chain, name, 30)

    solver.explore([asks("a"), asks("b")], each=10)
    assert answered == ["a"] * 10 + ["b"] * 10
    assert [solver.ask((name, 30), chain, name, 30) for name in "ab"] == [("a",), ("b",)]


def test_there_is_an_end_to_all_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_codemods.solver.BUDGET", 100)
    solver, times = Solver(), []

    def down(n: int) -> tuple[int, ...]:
        times.append(n)
        return (n,) if n == 0 else solver.ask(n - 1, down, n - 1)

    assert solver.ask(20, down, 20) == (0,)
    assert solver.ask(1000, down, 1000) == ()
    assert len(times) == 100
    assert solver.ask(20, down, 20) == (0,)


def test_what_nests_deeper_than_allowed_waits_and_is_answered() -> None:
    solver, deep = Solver(), []

    def count(n: int, depth: int) -> tuple[int, ...]:
        deep.append(depth)
        return (n,) if n == 0 else solver.ask(n - 1, count, n - 1, depth + 1)

    assert solver.ask(DEPTH * 40, count, DEPTH * 40, 0) == (0,)
    assert len(deep) < DEPTH * 40 * 3


def test_an_answer_that_never_settles_is_given_up() -> None:
    solver, times = Solver(), []

    def grow() -> tuple[int, ...]:
        times.append(1)
        return (*solver.ask("q", grow), len(times))

    solver.ask("q", grow)
    assert len(times) == PATIENCE


def test_joined_answers_are_told_what_is_new_and_forget_what_is_gone() -> None:
    solver, known, finished = Solver(), {"a": [1], "b": [2, 3]}, list[int]()

    def told(name: str) -> tuple[int, ...]:
        return tuple(known[name])

    def finish(found: tuple[int, ...]) -> tuple[int, ...]:
        finished.append(len(found))
        return found

    def parts(*names: str) -> tuple[Question | tuple[int, ...], ...]:
        return (*(solver.pose(name, told, name) for name in names), (0,))

    both = solver.join("both", finish, parts, "a", "b")
    assert set(solver.read(both)) == {0, 1, 2, 3}
    assert solver.join("both", finish, parts, "nobody looks at this") is both
    known["a"].append(4)
    solver.stir("a")
    assert set(solver.read(both)) == {0, 1, 2, 3, 4}
    known["b"].remove(3)
    solver.stir("b")
    assert set(solver.read(both)) == {0, 1, 2, 4}
    assert finished == [4, 5, 4]


def test_a_part_that_grows_and_is_then_none_any_more_adds_nothing() -> None:
    solver, known, chosen = Solver(), {"a": [1], "b": [2], "c": [3]}, ["a", "b"]

    def told(name: str) -> tuple[int, ...]:
        return tuple(known[name])

    def parts() -> tuple[Question, ...]:
        return tuple(solver.pose(name, told, name) for name in solver.ask("chosen", lambda: tuple(chosen)))

    both = solver.join("both", tuple, parts)
    assert solver.read(both) == (1, 2)
    known["a"].append(4)
    chosen[:] = ["b", "c"]
    solver.stir("a")
    solver.stir("chosen")
    assert solver.read(both) == (2, 3)


def test_a_join_of_one_question_answers_as_it_does() -> None:
    solver, known = Solver(), [1, 2]

    def one() -> tuple[Question, ...]:
        return (solver.pose("one", lambda: tuple(known)),)

    question = solver.join("same", lambda _: (), one)
    assert solver.read(question) == (1, 2)
    known.append(3)
    solver.stir("one")
    assert solver.read(question) == (1, 2, 3)


@pytest.mark.parametrize("order", list(permutations("abcd")))
def test_joins_in_circles_have_the_same_answers_in_any_order(order: tuple[str, ...]) -> None:
    solver = Solver()

    def follow(name: str) -> Question:
        return solver.join(name, tuple, parts, name)

    def parts(name: str) -> tuple[Question | tuple[str, ...], ...]:
        return tuple(follow(other) for other in EDGES[name]) or ((name,),)

    assert [set(solver.read(follow(name))) for name in order] == [{"x", "y"}] * 4
