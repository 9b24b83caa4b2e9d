"""How much is asked at once, how often again, and what it may cost.

A 429 halves what is under way and holds everything for as long as the endpoint says; with every round of answers after
that one more may go. A time-out lowers it for good to what the endpoint bears, and the request is sent once more;
refusals are never asked again; what would exceed the budget is not sent. All of it lives in one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from llm_codemods.proof import Spent
from llm_codemods.text import Text, text
from llm_migrate.live.probes import most_tokens
from llm_migrate.live.sending import Limits, NoAnswerError
from llm_migrate.live.statistics import tokens_used
from llm_migrate.live.wire import Request, Response

_RETRIED = (429, 500, 502, 503, 504)
_SILENT = 3
"""Time-outs in a row of requests that went alone, after which nothing else is sent."""

Send = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a run may send; None: as much as it needs. Tries count as requests."""

    requests: int | None = None
    tokens: int | None = None

    def after(self, spent: Spent) -> Budget:
        """Return what is left of it."""
        requests = None if self.requests is None else max(0, self.requests - spent.requests)
        tokens = None if self.tokens is None else max(0, self.tokens - spent.tokens - spent.assumed)
        return Budget(requests, tokens)


class NotAskedError(Exception):
    """A request was not sent, and why."""

    def __init__(self, why: Text) -> None:
        """Keep the text for the report."""
        super().__init__()
        self.why = why


class Ledger:
    """Books what is sent, and what is set aside for requests that are about to be."""

    def __init__(self, budget: Budget) -> None:
        """Begin with nothing spent."""
        self._budget = budget
        self._requests = self._tokens = self._assumed = 0
        self._held_requests = self._held_tokens = 0
        self.exhausted = False
        """Something was not sent for lack of budget."""
        self._changed = asyncio.Condition()

    @property
    def spent(self) -> Spent:
        """What has been sent so far."""
        return Spent(self._requests, self._tokens, self._assumed)

    @contextlib.asynccontextmanager
    async def hold(self, requests: Sequence[Request]) -> AsyncIterator[list[Held]]:
        """Set aside what the requests can cost, once that is sure to be there.

        Raises:
            NotAskedError: the budget does not allow it.
        """
        held = [Held(most_tokens(request)) for request in requests]
        tokens = sum(one.tokens for one in held)
        async with self._changed:
            while (short := self._short(len(held), tokens)) is not None:
                # What others set aside is mostly more than they spend.
                if not (self._held_requests or self._held_tokens):
                    self.exhausted = True
                    raise NotAskedError(short)
                await self._changed.wait()
            self._held_requests += len(held)
            self._held_tokens += tokens
        try:
            yield held
        finally:
            self.release(held)
            async with self._changed:
                self._changed.notify_all()

    def release(self, held: Iterable[Held]) -> None:
        """Give back what is set aside and not used."""
        for one in held:
            self._held_requests -= not one.sent
            self._held_tokens -= 0 if one.settled else one.tokens
            one.sent = one.settled = True

    def _short(self, requests: int, tokens: int) -> Text | None:
        """Return which bound the requests exceed, or None."""
        most, taken = self._budget.requests, self._requests + self._held_requests
        if most is not None and taken + requests > most:
            return text("not asked: no more than {most:request|requests} are allowed", most=most)
        most, taken = self._budget.tokens, self._tokens + self._assumed + self._held_tokens
        if most is not None and taken + tokens > most:
            return text("not asked: it may take more than is left of {most:token|tokens} that are allowed", most=most)
        return None

    def allows_again(self, tokens: int = 0) -> bool:
        """Whether a request may be sent once more than was set aside, for as many tokens."""
        return self._short(1, tokens) is None

    def book(self, held: Held) -> None:
        """Book one request as it leaves, be it for another time."""
        self._requests += 1
        self._held_requests -= not held.sent
        held.sent = True

    def lose(self, held: Held) -> None:
        """Assume the most tokens for a try that is given up: the endpoint may have made the answer nevertheless."""
        self._assumed += held.tokens

    async def settle(self, held: Held, response: Response | None) -> None:
        """Book the tokens of an answer instead of the most it could take; without any answer they are assumed."""
        held.settled = True
        self._held_tokens -= held.tokens
        used = None if response is None else tokens_used(response)
        if used is not None:
            self._tokens += used
        elif held.sent and (response is None or response.status < 300):
            self._assumed += held.tokens
        async with self._changed:
            self._changed.notify_all()


@dataclass(slots=True)
class Held:
    """What is set aside for one request: the most tokens it can take."""

    tokens: int
    sent: bool = False
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """What a gate was like when a request went: how often it had been lowered, and how many answers there were."""

    lowered: int
    answers: int


class Gate:
    """Lets a number of requests go at once: fewer after a 429 or a time-out, none while the endpoint asks to wait.

    After a 429 the number rises again by one with each round of answers, as TCP's window does; after a time-out it
    stays: a second one would leave a requirement unproved.
    """

    def __init__(self, at_once: int) -> None:
        """Begin with ``at_once``."""
        self._most = self._ceiling = max(1, at_once)
        self._round = 0
        """Answers since the number changed."""
        self._under_way = 0
        self._lowered = 0
        self._answers = 0
        self._silent = 0
        self._until = 0.0
        self._changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def passing(self) -> AsyncIterator[Entry]:
        """Wait for a place; the value goes to ``answered``, ``crowded`` or ``overdue``."""
        while True:
            if (pause := self._until - time.monotonic()) > 0:
                await asyncio.sleep(pause)
                continue
            async with self._changed:
                if self._under_way < self._most:
                    self._under_way += 1
                    break
                await self._changed.wait()
        try:
            yield Entry(self._lowered, self._answers)
        finally:
            self._under_way -= 1
            async with self._changed:
                self._changed.notify_all()

    @property
    def is_silent(self) -> bool:
        """Whether nothing is answered any more, not even what goes alone."""
        return self._silent >= _SILENT

    def answered(self, entry: Entry) -> None:
        """Note that an answer came that is no 429; with a round of them one more may go."""
        self._heard()
        self._round += entry.lowered == self._lowered
        if self._round >= self._most and self._most < self._ceiling:
            self._most += 1
            self._round = 0

    def _heard(self) -> None:
        self._answers += 1
        self._silent = 0

    def crowded(self, entry: Entry) -> bool:
        """Whether a 429 may be due to the others under way, seen before its place is given back.

        The first one of those that went together halves the number; the others are told so without halving it again.
        """
        self._heard()
        self._round = 0
        return self._lower(entry, self._under_way // 2)

    def overdue(self, entry: Entry) -> bool:
        """Whether a time-out may be due to the others under way, seen before its place is given back.

        A slow endpoint answers one after the other, so half as many as it answered in that time are sure to be in time.
        """
        late = self._lower(entry, min(self._under_way, self._answers - entry.answers) // 2)
        self._ceiling = min(self._ceiling, self._most) if late else self._ceiling
        self._silent += not late
        return late

    def _lower(self, entry: Entry, most: int) -> bool:
        if entry.lowered != self._lowered:
            return True
        if self._under_way < 2:
            return False
        self._most = max(1, most)
        self._round = 0
        self._lowered += 1
        return True

    def wait(self, seconds: float) -> None:
        """Let nothing go for a while."""
        self._until = max(self._until, time.monotonic() + seconds)


class Desk:
    """Sends requests by the rules of conduct."""

    def __init__(self, send: Send, limits: Limits, budget: Budget) -> None:
        """Send by ``send``, which raises ``NoAnswerError``."""
        self.ledger = Ledger(budget)
        self._send = send
        self._limits = limits
        self._gate = Gate(limits.at_once)
        self._closed: dict[object, Text] = {}

    async def ask(self, request: Request, held: Held) -> Response:
        """Send one request, again where that may help.

        Raises:
            NoAnswerError: no answer, or not in time.
            NotAskedError: the endpoint has said to come back much later.
        """
        response: Response | None = None
        try:
            response = await self._ask(request, held)
        finally:
            await self.ledger.settle(held, response)
        return response

    async def _ask(self, request: Request, held: Held) -> Response:
        model = (request.body or {}).get("model")
        tries = 0
        late: NoAnswerError | None = None
        while True:
            async with self._gate.passing() as entry:
                if model in self._closed:
                    raise NotAskedError(self._closed[model])
                if self._gate.is_silent:
                    raise late or NotAskedError(text("not asked: the endpoint answers nothing in time any more"))
                self.ledger.book(held)
                try:
                    response = await self._send(request)
                except NoAnswerError as error:
                    if error.late:
                        if not self._gate.overdue(entry) or late or not self.ledger.allows_again(held.tokens):
                            raise
                        late = error
                        self.ledger.lose(held)
                        continue
                    if not error.again or tries or not self.ledger.allows_again():
                        raise
                    tries = self._limits.retries
                    continue
                crowded = response.status == 429 and self._gate.crowded(entry)
                if response.status != 429:
                    self._gate.answered(entry)
            if response.status not in _RETRIED:
                return response
            pause = _pause(response, tries)
            if pause > self._limits.wait:
                self._closed[model] = text(
                    "not asked: the endpoint wants no request for {seconds} s", seconds=f"{pause:.0f}"
                )
                return response
            tries += not crowded
            if tries > self._limits.retries or not self.ledger.allows_again():
                return response
            if response.status == 429:
                self._gate.wait(pause)
            else:
                await asyncio.sleep(pause)


def _pause(response: Response, tries: int) -> float:
    """Return how long to wait: what the server says, else half a second, doubling."""
    try:
        if "retry-after-ms" in response.headers:
            said = float(response.headers["retry-after-ms"]) / 1000
        else:
            said = float(response.headers["retry-after"])
    except (KeyError, ValueError):  # a date is as good as nothing here: clocks differ
        said = float("nan")
    return said if said >= 0 else 0.5 * 2.0**tries
