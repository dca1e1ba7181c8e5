"""Messages as lines of JSON, over a stream that cuts and joins them as it likes."""

import json
from typing import Any

type Message = dict[str, Any]

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""Far above what the largest answer allowed takes when escaped: beyond it, it is no message."""


class FramingError(Exception):
    """The other side sent what is no message."""


def encode(message: Message) -> bytes:
    return json.dumps(message).encode() + b"\n"


class Lines:
    """Puts chunks together again."""

    def __init__(self, max_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._pending: list[bytes] = []
        self._pending_bytes = 0

    def feed(self, chunk: bytes) -> list[Message]:
        """The messages that the chunk completes, in order."""
        first, *others = chunk.split(b"\n")
        self._keep(first)
        messages = []
        for part in others:
            messages.append(_decode(b"".join(self._pending)))
            self._pending, self._pending_bytes = [], 0
            self._keep(part)
        return messages

    def _keep(self, part: bytes) -> None:
        self._pending.append(part)
        self._pending_bytes += len(part)
        if self._pending_bytes > self._max_bytes:
            raise FramingError(f"a message of more than {self._max_bytes} bytes")


def _decode(line: bytes) -> Message:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise FramingError(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise FramingError(f"not an object: {type(message).__name__}")
    return message
