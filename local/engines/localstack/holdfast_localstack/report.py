"""The lines that the platform puts around what a function prints."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Bill:
    call_id: str
    version: str
    duration_ms: float
    memory_mb: int
    max_memory_mb: int
    init_ms: float | None = None
    """Of the first call of a process."""
    status: str | None = None
    """`timeout` or `error` where the process did not survive the call."""


def framed(logs: str, bill: Bill) -> str:
    fields = [
        f"REPORT RequestId: {bill.call_id}",
        f"Duration: {bill.duration_ms:.2f} ms",
        f"Billed Duration: {math.ceil(bill.duration_ms)} ms",
        f"Memory Size: {bill.memory_mb} MB",
        f"Max Memory Used: {bill.max_memory_mb} MB",
    ]
    if bill.init_ms is not None:
        fields.append(f"Init Duration: {bill.init_ms:.2f} ms")
    if bill.status is not None:
        fields.append(f"Status: {bill.status}")
    return (
        f"START RequestId: {bill.call_id} Version: {bill.version}\n"
        f"{logs}"
        f"END RequestId: {bill.call_id}\n"
        f"{'\t'.join(fields)}\n"
    )


def last_words(call_id: str, message: str) -> str:
    """What the log says of a call that the platform had to end."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{now} {call_id} {message}\n"
