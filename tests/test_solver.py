"""Questions that depend on each other: circles end, and the order of asking makes no difference."""

from __future__ import annotations

from itertools import permutations

import pytest

from llm_codemods.solver import DEPTH, PATIENCE, Solver

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


def test_readers_are_asked_again_when_they_were_told_something_else() -> None:
    solver = Solver()
    solver.tell("told", (1,))
    told = solver.pose("told", None)
    assert solver.ask("reader", lambda: (*solver.read(told), 0)) == (1, 0)
    solver.tell("told", (2,))
    assert solver.ask("reader", lambda: ()) == (2, 0)


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
