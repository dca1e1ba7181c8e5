"""What a function writes during one call: its beginning is kept, and the rest counted."""

MAX_LOG_BYTES = 1024 * 1024
"""As much as CloudWatch takes in one PutLogEvents."""


class LogBuffer:
    def __init__(self, max_bytes: int = MAX_LOG_BYTES) -> None:
        self._max_bytes = max_bytes
        self._kept = bytearray()
        self._dropped_bytes = 0

    def add(self, chunk: bytes) -> None:
        room = self._max_bytes - len(self._kept)
        self._kept += chunk[:room]
        self._dropped_bytes += max(0, len(chunk) - room)

    def take(self) -> str:
        """All of it, as whole lines, and empties the buffer."""
        text = self._kept.decode(errors="replace")
        if text and not text.endswith("\n"):
            text += "\n"
        if self._dropped_bytes:
            text += f"{self._dropped_bytes} more bytes of this call's log were dropped\n"
        self._kept, self._dropped_bytes = bytearray(), 0
        return text
