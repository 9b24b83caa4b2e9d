"""Send the probes to a live endpoint.

All that do not depend on each other go at once, by the rules of ``conduct``; ``sending`` keeps time, bytes and the key
within bounds. What is proved when a run is broken off is reported all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from llm_codemods.proof import Outcome, Proof, Speed, Spent
from llm_codemods.requirements import Requirement
from llm_codemods.text import Text, text
from llm_migrate.live.claims import claim, witnessed
from llm_migrate.live.conduct import Budget, Desk, Held, NotAskedError
from llm_migrate.live.errors import UnreachableError
from llm_migrate.live.judges import Judgement, error_of
from llm_migrate.live.probes import Probe, model_for, most_tokens, probe_for
from llm_migrate.live.probes.asking import NO_MODEL_NEEDED
from llm_migrate.live.sending import LIMITS, Limits, NoAnswerError, client_for, send, without_key
from llm_migrate.live.statistics import Timing, speeds, timing, together
from llm_migrate.live.wire import Connection, Request, Response

if TYPE_CHECKING:
    import httpx

OnProgress = Callable[[int, int, Proof], None]
"""Called after each proof with how many are done, how many there are, and the proof."""
T = TypeVar("T")

_UNLIMITED = Budget()


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a run: a proof for each requirement, in their order."""

    proofs: tuple[Proof, ...]
    spent: Spent
    speeds: tuple[Speed, ...] = ()
    interrupted: bool = False
    exhausted: bool = False
    """Something was not sent for lack of budget."""


def check(
    requirements: Sequence[Requirement],
    connection: Connection,
    *,
    samples: int = 1,
    budget: Budget = _UNLIMITED,
    known: Mapping[int, Proof] | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    on_progress: OnProgress | None = None,
    limits: Limits = LIMITS,
) -> Run:
    """Prove each requirement on the endpoint.

    The first probe goes alone: when it shows that the key is refused or that this is no API, the others are skipped.
    The others go together. Ctrl-C or a termination ends the run early: what is not proved by then is skipped.

    Args:
        requirements: what to prove.
        connection: where, and with which key.
        samples: how often to ask where one answer proves little (``Probe.samples``).
        budget: the most to send; what would exceed it is skipped.
        known: proofs that need not be asked for, by the place of their requirement.
        transport: takes the place of the network.
        on_progress: called after each proof.
        limits: bounds of time and bytes.

    Raises:
        UnreachableError: the first request got no HTTP answer at all.
    """
    return asyncio.run(_check(requirements, connection, samples, budget, known or {}, transport, on_progress, limits))


def plan(requirement: Requirement, connection: Connection, samples: int = 1) -> tuple[Request, ...]:
    """Return the requests that a requirement is proved by; what follows from their answers is not known before."""
    probe = probe_for(requirement.feature)
    if probe is None or not _model_known(probe, requirement, connection):
        return ()
    return probe.requests(requirement, connection) * _times(probe, samples)


def planned(requirements: Sequence[Requirement], connection: Connection, samples: int = 1) -> Spent:
    """Return how many requests ``plan`` has for all, and as ``assumed`` the most tokens that they can take."""
    sent = [request for requirement in requirements for request in plan(requirement, connection, samples)]
    return Spent(len(sent), assumed=sum(map(most_tokens, sent)))


def _model_known(probe: Probe, requirement: Requirement, connection: Connection) -> bool:
    return probe.asks == NO_MODEL_NEEDED or model_for(requirement, connection) is not None


def _times(probe: Probe, samples: int) -> int:
    return max(1, samples) if probe.samples else 1


async def _check(
    requirements: Sequence[Requirement],
    connection: Connection,
    samples: int,
    budget: Budget,
    known: Mapping[int, Proof],
    transport: httpx.AsyncBaseTransport | None,
    on_progress: OnProgress | None,
    limits: Limits,
) -> Run:
    proofs: dict[int, Proof] = {}

    def keep(place: int, proof: Proof) -> None:
        proofs[place] = replace(proof, evidence=without_key(proof.evidence, connection.key))
        if on_progress is not None:
            on_progress(len(proofs), len(requirements), proof)

    for place, proof in known.items():
        keep(place, proof)
    open_places = [place for place in _first_to_last(requirements, connection) if place not in known]
    async with client_for(connection, limits, transport) as client:
        desk = Desk(lambda request: send(client, request, connection, limits), limits, budget)
        examiner = _Examiner(connection, desk, samples)

        async def prove(place: int, *, first: bool = False) -> _Found:
            found = await examiner.prove(requirements[place], first=first)
            keep(place, found.proof)
            return found

        async def prove_all() -> Text | None:
            for done, place in enumerate(open_places, 1):
                found = await prove(place, first=True)
                if found.halt is not None:
                    return found.halt
                if found.asked:
                    await _all(prove(place) for place in open_places[done:])
                    break
            return None

        work = await _unless_stopped(prove_all())
        halt = text("not asked: interrupted") if work is None else work.result()
    for place in open_places:
        if place not in proofs:
            assert halt is not None
            keep(place, _proof(requirements[place], connection, (Outcome.SKIPPED, halt)))
    return Run(
        tuple(proofs[place] for place in range(len(requirements))),
        desk.ledger.spent,
        speeds(examiner.timings),
        interrupted=work is None,
        exhausted=desk.ledger.exhausted,
    )


def _first_to_last(requirements: Sequence[Requirement], connection: Connection) -> list[int]:
    """Return places: the one that tells most about key and address, then those that are likely to take longest."""
    late = ("models", "unknown-model", "bad-key", "no-key")

    def order(place: int) -> tuple[bool, bool, bool, int, int]:
        requirement = requirements[place]
        probe = probe_for(requirement.feature)
        longest = max((_limit(request.body or {}) for request in plan(requirement, connection)), default=0)
        follows = probe is not None and probe.follow is not None
        return requirement.feature != "chat", not follows, requirement.feature in late, -longest, place

    return sorted(range(len(requirements)), key=order)


def _limit(body: Mapping[str, Any]) -> int:
    """Return the most tokens of an answer; twice as many where it is streamed, which is slower to end."""
    limit = body.get("max_tokens") or body.get("max_completion_tokens") or 0
    return (1 + bool(body.get("stream"))) * limit if isinstance(limit, int) else 0


async def _all(work: Iterable[Awaitable[T]]) -> list[T]:
    """Return what all come to; when one fails or this is cancelled, the others are stopped."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _unless_stopped(work: Awaitable[T]) -> asyncio.Future[T] | None:
    """Return the work when it has ended; None when Ctrl-C or a termination came first, which stops it."""
    task = asyncio.ensure_future(work)
    stopped = asyncio.Event()
    with _told_to_stop(stopped.set):
        waiting = asyncio.ensure_future(stopped.wait())
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if task.done():
            return task
        task.cancel()
        await asyncio.wait((task,))
    return None


@contextlib.contextmanager
def _told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` at the first signal to end; a second one does what it always does."""
    if threading.current_thread() is not threading.main_thread():  # signals are not for other threads
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def handle(*_: object) -> None:
        restore()
        loop.call_soon_threadsafe(stop)

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        restore()


# --- one requirement --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """A proof, whether anything was sent for it, and why no other requirement needs to be asked for."""

    proof: Proof
    asked: bool = False
    halt: Text | None = None


@dataclass(frozen=True, slots=True)
class _Try:
    """What one try of a probe came to."""

    judgement: Judgement
    seconds: float = 0.0
    status: int | None = None
    """Of the first answer."""
    halt: Text | None = None
    """Why nothing else needs to be asked, if this is the first."""
    no_answer: NoAnswerError | None = None
    responses: Sequence[Response] = ()


@dataclass(frozen=True, slots=True)
class _Examiner:
    """Sends probes and has the answers judged; ``timings`` grows with each stream."""

    connection: Connection
    desk: Desk
    samples: int
    timings: list[Timing] = field(default_factory=list)

    async def prove(self, requirement: Requirement, *, first: bool) -> _Found:
        """Prove one requirement; the first one shows whether the others are worth asking for.

        Raises:
            UnreachableError: it is the first one, and there is no HTTP answer at all.
        """
        connection, probe = self.connection, probe_for(requirement.feature)
        if probe is None:
            unknown = text("there is no probe for {feature}", feature=requirement.feature)
            return _Found(_proof(requirement, connection, (Outcome.SKIPPED, unknown)))
        if not _model_known(probe, requirement, connection):
            no_model = text("no model is known to ask; name one with --model or --embedding-model")
            return _Found(_proof(requirement, connection, (Outcome.SKIPPED, no_model)))
        requests = probe.requests(requirement, connection)
        if not requests:
            return _Found(_proof(requirement, connection, probe.judge(requirement, ())))
        # What follows is set aside too, or a small budget would go to probes that cannot be ended.
        each = [*requests, *requests[:1]] if probe.follow is not None else requests
        try:
            async with self.desk.ledger.hold([*each] * _times(probe, self.samples)) as held:
                parts = [held[place : place + len(each)] for place in range(0, len(held), len(each))]
                tries = await _all(self._try(probe, requirement, requests, part) for part in parts)
        except NotAskedError as error:
            return _Found(_proof(requirement, connection, (Outcome.SKIPPED, error.why)))
        no_answer = tries[0].no_answer
        if first and no_answer is not None and not no_answer.reached:
            why = text("cannot reach {url}: {why}", url=connection.base_url, why=no_answer.why)
            raise UnreachableError(why, no_answer.hint)
        halt = tries[0].halt if first else None
        outcome, evidence = together([one.judgement for one in tries])
        if halt is not None and tries[0].status == 401:
            outcome, evidence = Outcome.REFUSED, _with_regions(evidence, connection)
        proof = _proof(requirement, connection, (outcome, evidence), max(one.seconds for one in tries))
        proof = witnessed(proof, tries[0].responses)
        if probe.samples:
            proof = replace(proof, trials=tuple(one.judgement[0] for one in tries))
        # A refused key or a wrong address says nothing about the provider, so it contradicts no claim of the profile.
        return _Found(proof if halt is None else replace(proof, claim=None), asked=True, halt=halt)

    async def _try(
        self, probe: Probe, requirement: Requirement, requests: Sequence[Request], held: Sequence[Held]
    ) -> _Try:
        started = time.monotonic()
        try:
            responses = await self._ask(requests, held)
            seconds = max(response.seconds for response in responses)
            halt = _halts(probe, responses[0], self.connection)
            if probe.follow is not None and halt is None:
                more = probe.follow(requirement, self.connection, responses)
                self.desk.ledger.release(held[len(requests) :])
                async with self.desk.ledger.hold(more) as kept:
                    later = await self._ask(more, kept)
                responses += later
                seconds += max((response.seconds for response in later), default=0.0)
            judged = probe.judge(requirement, responses)
            return _Try(judged, seconds, responses[0].status, halt, responses=responses)
        except NotAskedError as error:
            return _Try((Outcome.SKIPPED, error.why))
        except NoAnswerError as error:
            halt = text("not asked: the first answer could not be read")
            return _Try((Outcome.BROKEN, error.why), time.monotonic() - started, halt=halt, no_answer=error)
        except RecursionError:
            return _Try((Outcome.BROKEN, text("the answer is nested too deeply to be read")))
        except Exception as error:  # one judge must not cost all the others their answers
            bug = text("not proven, this is a bug in llm-migrate ({kind})", kind=type(error).__name__)
            return _Try((Outcome.SKIPPED, bug))

    async def _ask(self, requests: Sequence[Request], held: Sequence[Held]) -> list[Response]:
        responses = await _all(map(self.desk.ask, requests, held))
        found = map(timing, requests, responses)
        self.timings.extend(one for one in found if one is not None)
        return responses


def _proof(requirement: Requirement, connection: Connection, judgement: Judgement, seconds: float = 0.0) -> Proof:
    outcome, evidence = judgement
    return Proof(requirement, outcome, evidence, claim(connection.profile, requirement), round(seconds, 3))


def _halts(probe: Probe, response: Response, connection: Connection) -> Text | None:
    """Return why the answer to the first probe makes the others meaningless, or None."""
    if probe.name in ("bad-key", "no-key"):
        return None
    if response.status == 401 and not _means_model(response, connection):
        return text("not asked: the key was refused")
    if response.cut:
        return text("not asked: the first answer could not be read")
    if response.status == 402:
        return text("not asked: the account has no balance")
    if 300 <= response.status < 400:
        return text("not asked: the endpoint redirects elsewhere")
    if response.is_html:
        return text("not asked: the base URL leads to a web page, not to an API")
    return None


def _means_model(response: Response, connection: Connection) -> bool:
    """Whether a 401 speaks of the model: one provider answers so for a model it does not know."""
    shape = connection.profile.errors.get("unknown-model")
    if shape is None or shape.status != 401:
        return False
    told = Response(401, json.dumps(dict(shape.body)).encode())
    return bool(error_of(told)[0]) and error_of(told)[0] == error_of(response)[0]


def _with_regions(evidence: Text, connection: Connection) -> Text:
    """Add to a refused key that it may belong elsewhere: keys are bound to their region."""
    others = [f"{id} ({row.base_url})" for id, row in connection.profile.regions.items() if id != connection.region]
    if not others or connection.base_url not in {row.base_url for row in connection.profile.regions.values()}:
        return evidence
    return text(
        "{said}; this is region {region}, a key of another region is refused here: {others}",
        said=evidence,
        region=connection.region,
        others=", ".join(others),
    )
