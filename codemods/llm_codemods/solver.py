"""Questions whose answers depend on each other, answered until nothing changes.

A question is a function without arguments that returns a tuple and may ask others meanwhile. Questions may go in
circles: who is asked while being asked answers with what is known so far. Every question remembers who took its
answer into account; when the answer changes, those are asked again. So the order of asking makes no difference, as long
as nobody answers more often than ``PATIENCE`` allows, and all together no more often than ``BUDGET``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import partial
from heapq import heappop, heappush
from typing import Any

Answer = tuple[Any, ...]
DEPTH = 50
"""How deep questions may nest; what would go deeper waits."""
PATIENCE = 30
"""How often a question is answered."""
BUDGET = 500_000
"""How many answers are given at all; then the rest is not known. Some ten seconds' work, and what a million characters
of Python may need ten times over."""


class Question:
    """A question, its present answer, and the questions that took it into account."""

    __slots__ = ("answer", "ask", "place", "readers", "stale", "times")

    def __init__(self, ask: Callable[[], Answer], place: int) -> None:
        """Take the function that answers, and how many came before."""
        self.ask = ask
        self.place = place
        self.stale = False
        self.answer: Answer = ()
        self.readers: dict[Question, None] = {}
        self.times = 0


class Solver:
    """Keeps the questions, by key."""

    def __init__(self) -> None:
        """Start without any."""
        self._left = self._allowed = BUDGET
        """How many answers may still be given: at all, and before the present question must do with what is known."""
        self._questions: dict[Hashable, Question] = {}
        self._asking: Question | None = None
        self._depth = 0
        self._stale: list[tuple[int, Question]] = []
        """A heap, the latest question first: it was asked on behalf of the earlier ones, which wait for it."""

    def ask(self, key: Hashable, function: Callable[..., Answer], *arguments: object) -> Answer:
        """Return ``function(*arguments)``: for good, or, if a question asks, what is known so far."""
        question = self._questions.get(key)
        if question is None:
            question = self.pose(key, partial(function, *arguments))
        if self._asking is not None:
            question.readers[self._asking] = None
        elif self._stale:
            self.settle()
        return question.answer

    def pose(self, key: Hashable, ask: Callable[[], Answer]) -> Question:
        """Return the question ``key``; answer it if it is new."""
        question = self._questions.get(key)
        if question is None:
            question = self._questions[key] = Question(ask, len(self._questions))
            if self._depth < DEPTH and self._allowed > 0:
                self._answer(question)
            else:
                self._put_off(question)
        return question

    def stir(self, key: Hashable) -> None:
        """Have the question ``key``, if it has been posed, answered once more: its patience is not tried."""
        question = self._questions.get(key)
        if question is not None and not question.stale:
            question.times -= 1
            self._put_off(question)

    def explore(self, questions: Iterable[Callable[[], object]], each: int) -> None:
        """Let every one of these ask, for ``each`` answers at most, before any may ask for more.

        So the first does not use up what all may ask for.
        """
        for question in questions:
            self._allowed = min(each, self._left)
            question()
        self._allowed = self._left

    def forget(self) -> None:
        """Drop all questions and answers; questions refer to each other, and to whoever answers them."""
        for question in self._questions.values():
            question.readers.clear()
        self._questions.clear()
        self._stale.clear()

    def settle(self) -> None:
        """Ask again those who were told something that has changed since."""
        while self._stale and self._allowed > 0:
            _, question = heappop(self._stale)
            question.stale = False
            self._answer(question)

    def _put_off(self, question: Question) -> None:
        if not question.stale:
            question.stale = True
            heappush(self._stale, (-question.place, question))

    def _answer(self, question: Question) -> None:
        if question.times >= PATIENCE:
            return
        question.times += 1
        self._left -= 1
        self._allowed -= 1
        outer, self._asking = self._asking, question
        self._depth += 1
        try:
            answer = question.ask()
        finally:
            self._asking = outer
            self._depth -= 1
        self._change(question, answer)

    def _change(self, question: Question, answer: Answer) -> None:
        before, question.answer = question.answer, answer
        if question.readers and answer != before and (not before or set(answer) != set(before)):
            for reader in question.readers:
                self._put_off(reader)
