"""Questions whose answers depend on each other, answered until nothing changes.

A question is a function without arguments that returns a tuple and may ask others meanwhile. Questions may go in
circles: who is asked while being asked answers with what is known so far. Every question remembers who took its
answer into account; when the answer changes, those are asked again. So the order of asking makes no difference, as long
as nobody answers more often than ``PATIENCE`` allows, and all together no more often than ``BUDGET``.

Most questions join the answers of others, some of them hundreds. A ``Join`` is told which of them have grown, and adds
what is new; the others are not looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from heapq import heappop, heappush
from itertools import chain
from typing import Any

Answer = tuple[Any, ...]
DEPTH = 50
"""How deep questions may nest; what would go deeper waits."""
PATIENCE = 30
"""How often a question is answered."""
BUDGET = 3_000_000
"""How many answers are given at all; then the rest is not known. The largest package that was looked at, with 218,000
calls, needs 1.6 million: half a minute's work."""
FEW = 8
"""So few are looked through faster than found by hash."""


class Question:
    """A question, its present answer, and the questions that took it into account."""

    __slots__ = ("answer", "arguments", "function", "joined", "place", "reader", "readers", "stale", "times")

    def __init__(self, function: Callable[..., Answer], arguments: tuple[object, ...], place: int) -> None:
        """Take what answers, and how many came before."""
        self.function = function
        self.arguments = arguments
        self.place = place
        self.stale = False
        self.answer: Answer = ()
        self.reader: Question | None = None
        """Who was the first to take its answer into account; most questions have no other."""
        self.joined = False
        """Whether that is all it did with it: join it with others."""
        self.readers: dict[Question, bool] | None = None
        """The others, and whether that is all they did."""
        self.times = 0

    def answered(self) -> Answer:
        """Answer once more."""
        return self.function(*self.arguments)

    def heard_by(self, reader: Question, *, joined: bool) -> None:
        """Note who takes the answer into account; who does more than join it, does so for good."""
        if self.reader is None:
            self.reader, self.joined = reader, joined
        elif self.reader is reader:
            self.joined = self.joined and joined
        elif self.readers is None:
            self.readers = {reader: joined}
        elif not (joined and reader in self.readers):
            self.readers[reader] = joined

    def hear(self, of: Question, *, joined: bool, grown: bool) -> bool:  # noqa: ARG002  it is asked again in any case
        """Hear of another answer that it has changed, or has but grown; return whether that makes a difference.

        ``joined``: it was but joined with others.
        """
        return True


class Join(Question):
    """A question whose answer joins those of others. What it asks returns whose, and values of its own."""

    __slots__ = ("finish", "found", "fresh", "parts")

    def __init__(
        self,
        function: Callable[..., Answer],
        arguments: tuple[object, ...],
        place: int,
        finish: Callable[[Answer], Answer],
    ) -> None:
        """Take also what makes an answer of several together: ``finish``."""
        super().__init__(function, arguments, place)
        self.finish = finish
        self.parts: Collection[Question] | None = None
        """Whose answers are joined; None where that has to be asked again."""
        self.found: Answer | None = None
        """All of it; None if there is but one part."""
        self.fresh: tuple[Question, ...] = ()
        """The parts that have grown since."""

    def answered(self) -> Answer:
        """Join all answers, or add what is new in them."""
        fresh, self.fresh = self.fresh, ()
        if self.parts is None:
            self.parts = ()
            every = self.function(*self.arguments)
            parts = [part for part in every if isinstance(part, Question)]
            for part in parts:
                part.heard_by(self, joined=True)
            if self.parts is not None:  # something may have changed meanwhile
                self.parts = tuple(parts) if len(parts) < FEW else frozenset(parts)
            if len(parts) == len(every) == 1:
                self.found = None
                return parts[0].answer
            self.found = _together(one.answer if isinstance(one, Question) else one for one in every)
        elif self.found is None:
            return next(iter(self.parts)).answer
        elif fresh:
            self.found = _together((self.found, *(part.answer for part in fresh)))
        return self.finish(self.found)

    def hear(self, of: Question, *, joined: bool, grown: bool) -> bool:
        """Take note of a part that has grown; whatever else has changed, ask again whose answers are joined."""
        if joined and (self.parts is None or of not in self.parts):
            return False  # it is no part any more, or that will turn out
        if joined and grown:
            self.fresh = (*self.fresh, of)
        else:
            self.parts = None
        return True


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
            question = self.pose(key, function, *arguments)
        return self.read(question)

    def pose(self, key: Hashable, function: Callable[..., Answer], *arguments: object) -> Question:
        """Return the question ``key``; answer it if it is new."""
        question = self._questions.get(key)
        return self._posed(key, Question(function, arguments, len(self._questions))) if question is None else question

    def join(
        self,
        key: Hashable,
        finish: Callable[[Answer], Answer],
        function: Callable[..., Answer],
        *arguments: object,
    ) -> Question:
        """Return the question ``key``, which joins the answers of the questions that ``function(*arguments)`` returns,
        and the tuples among them; answer it if it is new.

        ``finish`` makes an answer of all the values, unless there is one question only.
        """
        question = self._questions.get(key)
        if question is None:
            question = self._posed(key, Join(function, arguments, len(self._questions), finish))
        return question

    def _posed(self, key: Hashable, question: Question) -> Question:
        self._questions[key] = question
        if self._depth < DEPTH and self._allowed > 0:
            self._answer(question)
        else:
            self._put_off(question)
        return question

    def read(self, question: Question) -> Answer:
        """Return a question's answer: for good, or, if a question asks, what is known so far."""
        if self._asking is not None:
            question.heard_by(self._asking, joined=False)
        elif self._stale:
            self.settle()
        return question.answer

    def stir(self, key: Hashable) -> None:
        """Have the question ``key``, if it has been posed, answered once more: its patience is not tried."""
        question = self._questions.get(key)
        if question is not None and not question.stale:
            question.hear(question, joined=False, grown=False)
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
            question.reader = question.readers = None
            if isinstance(question, Join):
                question.parts, question.fresh = None, ()
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
            answer = question.answered()
        finally:
            self._asking = outer
            self._depth -= 1
        self._change(question, answer)

    def _change(self, question: Question, answer: Answer) -> None:
        before, question.answer = question.answer, answer
        if question.reader is None or answer == before:
            return
        old, new = set(before), set(answer)
        if old == new:
            return
        grown = old <= new
        if question.reader.hear(question, joined=question.joined, grown=grown):
            self._put_off(question.reader)
        for reader, joined in question.readers.items() if question.readers is not None else ():
            if reader.hear(question, joined=joined, grown=grown):
                self._put_off(reader)


def _together(answers: Iterable[Answer]) -> Answer:
    """Return what these answers say, once each."""
    return tuple(dict.fromkeys(chain.from_iterable(answers)))
