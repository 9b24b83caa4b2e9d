"""Spread work over processes; results come back in the order of the work, whatever the number of processes."""

from __future__ import annotations

import contextlib
import copyreg
import gc
import multiprocessing
import os
import signal
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from typing import Any, Generic, NoReturn, TypeVar

State = TypeVar("State")
Task = TypeVar("Task")
Result = TypeVar("Result")
STOPS = (signal.SIGINT, signal.SIGTERM)
"""What people and systems ask us to end with."""


def cores() -> int:
    """Return how many processes can run at once."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


class Workers(Generic[State]):
    """Processes that share what they have to know; a context. With a ``count`` of one, all work is done right here."""

    def __init__(self, state: State, count: int) -> None:
        """Take what every process has to know."""
        self.state = state
        self.pool: ProcessPoolExecutor | None = None
        self.before: Any = None
        if count > 1:
            copyreg.pickle(types.MappingProxyType, _proxy)
            # A fork is there at once, and nothing of ours runs in threads; elsewhere the platform knows best.
            context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
            self.pool = ProcessPoolExecutor(count, context, _begin, (state,))

    def map(self, function: Callable[[State, Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """Yield ``function(state, task)`` for all tasks, in their order; a function that can be found by its name."""
        if self.pool is None:
            return map(partial(function, self.state), tasks)
        with _unstoppable():
            return _results(deque(self.pool.submit(_apply, function, task) for task in tasks))

    def __enter__(self) -> Workers[State]:
        """Begin."""
        if self.pool is not None:
            self.before = signal.signal(signal.SIGTERM, _end)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End the processes; what they have not begun is dropped, and after an error what they are at, too."""
        if self.pool is not None:
            for process in multiprocessing.active_children() if kind is not None else ():
                process.terminate()
            self.pool.shutdown(wait=True, cancel_futures=True)
            signal.signal(signal.SIGTERM, self.before)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Pause the collector: what is found holds no circles, and looking for some in all of it takes a tenth of the time.

    What is there in the end is never looked through.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()
            gc.enable()


_states: list[Any] = []


def _end(*_: object) -> NoReturn:
    """Leave in order when asked to end, or the processes would go on."""
    raise SystemExit(128 + signal.SIGTERM)


@contextlib.contextmanager
def _unstoppable() -> Iterator[None]:
    """Let what stops us wait while processes begin: what a handler raises within a fork is lost.

    They get no interrupt, ever: a terminal sends it to them, too, but it is for us to end them, without a word.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(state: object) -> None:
    gc.disable()  # as in ``uncollected``
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    _states[:] = [state]


def _results(futures: deque[Future[Result]]) -> Iterator[Result]:
    # The pool's own map cancels what is left when it is interrupted. If the processes got the same signal, the pool
    # then marks what is cancelled as failed, which raises in its thread.
    while futures:
        yield futures.popleft().result()


def _apply(function: Callable[[Any, Task], Result], task: Task) -> Result:
    return function(_states[0], task)


def _proxy(mapping: types.MappingProxyType[object, object]) -> tuple[type, tuple[dict[object, object]]]:
    return types.MappingProxyType, (dict(mapping),)
