"""One `node` and its two channels: a socket for messages, and a pipe for all that it prints.

It stays in the process group of its host, so whoever kills that group kills it too, frozen or not.
Only `kill` may be called from another thread than the one that uses the process.
"""

import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import psutil

from .errors import Exit
from .framing import FramingError, Lines, Message, encode
from .leftovers import MARK, end_marked
from .log_buffer import LogBuffer

MAIN = Path(__file__).with_name("runtime") / "main.mjs"

_CHUNK_BYTES = 64 * 1024
_MAX_DRAINED_BYTES = 1024 * 1024
"""More than any pipe holds, so a writer that never stops cannot keep its reader."""
_LOOKS_EVERY_S = 0.1
"""A child of a dead process may hold the other end of the socket, which then tells nothing."""
_EXITS_WITHIN_S = 1
"""A process that has closed its socket is on its way out, with a status worth waiting for."""


class Died(Exception):
    """The process has closed its socket, or sends what is no message."""


class TimedOut(Exception):
    """There was no answer by the deadline."""


class NodeProcess:
    def __init__(
        self, node: str, *, id: str, environment: Mapping[str, str], folder: Path, heap_mb: int
    ) -> None:
        # Its environment may have another process by the time this one has ended.
        self._mark = f"{id}-{uuid4()}"
        self._socket, other = socket.socketpair()
        self._socket.setblocking(False)
        self._log_fd, log_write = os.pipe()
        os.set_blocking(self._log_fd, False)
        try:
            self._popen = subprocess.Popen(
                [node, f"--max-old-space-size={heap_mb}", str(MAIN), str(other.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log_write,
                stderr=log_write,
                pass_fds=[other.fileno()],
                env={**environment, MARK: self._mark},
                cwd=folder,
            )
        except OSError:
            self._socket.close()
            os.close(self._log_fd)
            raise
        finally:
            other.close()
            os.close(log_write)
        self._lines = Lines()
        self._logs = LogBuffer()
        self._frozen = False
        self._ended: Exit | None = None
        self.max_memory_mb = 0
        """The most it had in memory when it answered."""

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    def ask(self, message: Message | None, id: str | None, deadline: float) -> Message:
        """Sends the message and returns the answer with this id. What was written by then is in the
        logs: they are read meanwhile, so a chatty function never waits for its reader.

        `deadline` is a time of `time.monotonic()`. It holds for sending too: a process that does
        not read would keep a large message for ever.
        """
        unsent = memoryview(encode(message) if message else b"")
        poll = select.poll()
        poll.register(self._log_fd, select.POLLIN)
        while True:
            poll.register(self._socket, select.POLLIN | (select.POLLOUT if unsent else 0))
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimedOut
            was_alive = self.alive
            events = dict(poll.poll(min(left_s, _LOOKS_EVERY_S) * 1000))
            if self._log_fd in events and self._read_log() == 0:
                poll.unregister(self._log_fd)
            event = events.get(self._socket.fileno(), 0)
            if event & select.POLLOUT:
                unsent = unsent[self._send(unsent) :]
            if event & ~select.POLLOUT:
                for answer in self._receive():
                    # An answer to a call that has ended by then is nobody's.
                    if answer.get("id") == id:
                        self._drain()
                        self._measure()
                        return answer
            elif not was_alive:
                raise Died

    def _send(self, data: memoryview) -> int:
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise Died from error

    def _receive(self) -> list[Message]:
        try:
            chunk = self._socket.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return []
        except OSError as error:
            raise Died from error
        if not chunk:
            raise Died
        try:
            return self._lines.feed(chunk)
        except FramingError as error:
            self._logs.add(f"its socket carried {error}\n".encode())
            raise Died from error

    def _read_log(self) -> int | None:
        """How much was read: 0 at the end, None when there is nothing now."""
        try:
            chunk = os.read(self._log_fd, _CHUNK_BYTES)
        except BlockingIOError:
            return None
        self._logs.add(chunk)
        return len(chunk)

    def _drain(self) -> None:
        """Reads what the pipe holds now: node writes its output before it sends an answer."""
        drained = 0
        while drained < _MAX_DRAINED_BYTES and (count := self._read_log()):
            drained += count

    def _measure(self) -> None:
        try:
            resident_bytes = psutil.Process(self.pid).memory_info().rss
        except psutil.Error:
            return  # it has ended with its answer
        self.max_memory_mb = max(self.max_memory_mb, resident_bytes // 2**20)

    def take_logs(self) -> str:
        return self._logs.take()

    def freeze(self) -> None:
        """Between calls nothing runs, as in the real service. Only node itself is stopped, not what
        it has started."""
        self._popen.send_signal(signal.SIGSTOP)
        self._frozen = True

    def thaw(self) -> None:
        if self._frozen:
            self._popen.send_signal(signal.SIGCONT)
            self._frozen = False

    def kill(self) -> None:
        self._popen.kill()

    def end(self, *, leaving: bool = False) -> Exit:
        """Ends it and all that it has started. A process that is leaving by itself may finish."""
        if self._ended:
            return self._ended
        try:
            self._popen.wait(_EXITS_WITHIN_S if leaving else 0)
        except subprocess.TimeoutExpired:
            self.kill()
        code = self._popen.wait()
        end_marked(self._mark)
        self._drain()
        os.close(self._log_fd)
        self._socket.close()
        self._ended = Exit(code)
        return self._ended
