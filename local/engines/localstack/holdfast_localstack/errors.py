"""How calls fail, in the words of the real service."""

import signal
from dataclasses import dataclass

from .framing import Message


@dataclass(frozen=True)
class Exit:
    """How a process ended: its exit code, or the signal that killed it as a negative number."""

    code: int

    def __str__(self) -> str:
        if self.code >= 0:
            return f"exit status {self.code}"
        return f"signal: {(signal.strsignal(-self.code) or str(-self.code)).lower()}"


def out_of_time(timeout_s: int) -> str:
    return f"Task timed out after {timeout_s:.2f} seconds"


def timed_out(call_id: str, timeout_s: int) -> Message:
    return {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {call_id} Error: {out_of_time(timeout_s)}",
    }


def exited(call_id: str, exit: Exit) -> Message:
    why = "exited without providing a reason" if exit.code == 0 else f"exited with error: {exit}"
    return {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {call_id} Error: Runtime {why}",
    }


def init_exited(exit: Exit) -> Message:
    return {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"Error: Runtime exited during init: {exit}",
    }


def init_timed_out(within_s: float) -> Message:
    return {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"Error: Init timed out after {within_s:.2f} seconds",
    }
