"""How many processes there may be at once. An idle one makes room for a new one.

LocalStack limits the calls at once, not the environments that it keeps warm after them: without a
limit, every peak of every function would stay in memory until its time is up.
"""

import threading
from collections.abc import Callable
from typing import Protocol


class Occupant(Protocol):
    def kill(self) -> None: ...
    def end(self) -> object: ...


class NoPlace(Exception):
    """All places are taken and nobody is idle, or there are no places any more."""


class Places[Process: Occupant]:
    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError(f"limit must be a whole number from 1, got {limit}")
        self._limit = limit
        self._reserved = 0
        """Taken for processes that are about to start."""
        self._busy: set[Process] = set()
        self._idle: dict[Process, None] = {}
        """The longest idle first."""
        self._closed = False
        self._lock = threading.Lock()

    def start(self, make: Callable[[], Process]) -> Process:
        """The new process is at work. Where it needs the place of another, the longest idle one is
        ended first."""
        displaced = self._reserve()
        try:
            if displaced:
                displaced.end()
            process = make()
        except BaseException:
            with self._lock:
                self._reserved -= 1
            raise
        with self._lock:
            self._reserved -= 1
            self._busy.add(process)
            closed = self._closed
        if closed:
            process.kill()
        return process

    def _reserve(self) -> Process | None:
        with self._lock:
            if self._closed:
                raise NoPlace("no more environments are started")
            displaced = None
            if self._reserved + len(self._busy) + len(self._idle) >= self._limit:
                displaced = next(iter(self._idle), None)
                if displaced is None:
                    raise NoPlace(
                        f"{self._limit} environments are at work, and no more are allowed"
                    )
                del self._idle[displaced]
            self._reserved += 1
            return displaced

    def leave(self, process: Process) -> None:
        """It was at work, and has ended."""
        with self._lock:
            self._busy.discard(process)

    def rest(self, process: Process) -> None:
        """It was at work, and is idle now."""
        with self._lock:
            self._busy.discard(process)
            self._idle[process] = None
            closed = self._closed
        if closed:
            process.kill()

    def resume(self, process: Process) -> bool:
        """Whether an idle process is its owner's again. If not, it had to make room."""
        with self._lock:
            if process not in self._idle:
                return False
            del self._idle[process]
            self._busy.add(process)
            return True

    def close(self) -> None:
        """Kills all processes, and lets no more start."""
        with self._lock:
            self._closed = True
            everyone = [*self._busy, *self._idle]
        for process in everyone:
            process.kill()
