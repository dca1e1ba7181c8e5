"""One execution environment of one function: a process that is frozen between calls, ended when a
call runs out of time or crashes it, and started anew for the next call then.

Calls come one at a time. `stop` may come from another thread, during a call too.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from json import dumps
from pathlib import Path

from . import errors
from .framing import Message
from .node_process import Died, NodeProcess, TimedOut
from .places import Places
from .report import Bill, framed, last_words

INIT_WITHIN_S = 10
"""As long as the real service gives a function to load, unless a call of it may take longer."""
_MIN_HEAP_MB = 64
_HEAP_RATIO = 0.9


@dataclass(frozen=True)
class Function:
    version: str
    code: Path
    """The folder that its bundle was unpacked to."""
    memory_mb: int
    timeout_s: int
    environment: Mapping[str, str]
    """All that its processes see."""
    max_answer_bytes: int


@dataclass(frozen=True)
class Call:
    id: str
    arn: str
    trace: str
    event: str
    """JSON."""


@dataclass(frozen=True)
class Outcome:
    body: str
    """JSON."""
    failed: bool
    logs: str


class InitFailed(Exception):
    """The function does not load. `error` is what its caller is told."""

    def __init__(self, error: Message, logs: str) -> None:
        super().__init__(error.get("errorMessage"))
        self.error = error
        self.logs = logs


class Stopped(Exception):
    """The environment was stopped before the call could begin."""


class Environment:
    def __init__(
        self, id: str, function: Function, *, node: str, places: Places[NodeProcess]
    ) -> None:
        self._id = id
        self._function = function
        self._node = node
        self._places = places
        self._process: NodeProcess | None = None
        self._init_ms: float | None = None
        self._stopped = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Raises InitFailed when the function does not load, NoPlace when all places are taken."""
        self._rest(self._start_process())

    def invoke(self, call: Call) -> Outcome:
        """Whatever becomes of the call is an outcome. Raises what `start` does where the process
        has to be started anew, and Stopped."""
        process = self._resumed() or self._start_process()
        init_ms, self._init_ms = self._init_ms, None
        begin = time.monotonic()
        try:
            process.thaw()
            answer = process.ask(self._message(call), call.id, begin + self._function.timeout_s)
            fault = None
        except (TimedOut, Died) as error:
            fault = error
        duration_ms = (time.monotonic() - begin) * 1000
        status: str | None = None
        words = ""
        if isinstance(fault, TimedOut):
            status = "timeout"
            answer = {"error": errors.timed_out(call.id, self._function.timeout_s)}
            words = last_words(call.id, errors.out_of_time(self._function.timeout_s))
            self._dispose(process)
        elif fault:
            status = "error"
            answer = {"error": errors.exited(call.id, self._dispose(process, leaving=True))}
            words = f"{answer['error']['errorMessage']}\n"
        elif "exit" in answer:
            status = "error"
            self._dispose(process, leaving=True)
        logs = process.take_logs() + words
        bill = Bill(
            call.id,
            self._function.version,
            duration_ms,
            self._function.memory_mb,
            process.max_memory_mb,
            init_ms,
            status,
        )
        if status is None:
            self._rest(process)
        failed = "error" in answer
        body = dumps(answer["error"]) if failed else answer["result"]
        return Outcome(body, failed, framed(logs, bill))

    def stop(self) -> None:
        """Ends its process. A call that is being worked on ends as if it had crashed."""
        with self._lock:
            self._stopped = True
            process = self._process
            idle = process is not None and self._places.resume(process)
        if process and idle:
            self._dispose(process)
        elif process:
            process.kill()  # whoever waits for its answer, or has displaced it, does the rest

    def _message(self, call: Call) -> Message:
        return {
            "id": call.id,
            "arn": call.arn,
            "trace": call.trace,
            "event": call.event,
            "deadlineMs": int((time.time() + self._function.timeout_s) * 1000),
            "maxAnswerBytes": self._function.max_answer_bytes,
        }

    def _resumed(self) -> NodeProcess | None:
        """The frozen process, unless it had to make room, or somebody has killed it meanwhile: that
        costs a start, and not the call."""
        process = self._process
        if process is None or not self._places.resume(process):
            return None
        if process.alive:
            return process
        self._dispose(process)
        return None

    def _new_process(self) -> NodeProcess:
        with self._lock:
            if self._stopped:
                raise Stopped("the environment was stopped")
            self._process = NodeProcess(
                self._node,
                id=self._id,
                environment=self._function.environment,
                folder=self._function.code,
                heap_mb=max(_MIN_HEAP_MB, int(self._function.memory_mb * _HEAP_RATIO)),
            )
            return self._process

    def _start_process(self) -> NodeProcess:
        begin = time.monotonic()
        process = self._places.start(self._new_process)
        within_s = max(INIT_WITHIN_S, self._function.timeout_s)
        try:
            error = process.ask(None, None, begin + within_s).get("error")
            if error:
                self._dispose(process, leaving=True)
        except TimedOut:
            error = errors.init_timed_out(within_s)
            self._dispose(process)
        except Died:
            error = errors.init_exited(self._dispose(process, leaving=True))
        if error:
            raise InitFailed(error, process.take_logs())
        self._init_ms = (time.monotonic() - begin) * 1000
        return process

    def _rest(self, process: NodeProcess) -> None:
        process.freeze()
        with self._lock:
            if not self._stopped:
                self._places.rest(process)
                return
        self._dispose(process)

    def _dispose(self, process: NodeProcess, *, leaving: bool = False) -> errors.Exit:
        try:
            return process.end(leaving=leaving)
        finally:
            self._process = None
            self._places.leave(process)
