"""Ends what a function has started and left behind.

Children inherit the environment, so a mark in it finds them where neither parent nor process group
would: those that outlived the process that started them, and those that left its group. Only a host
that is killed itself leaves the latter.
"""

import time
from collections.abc import Iterator

import psutil

MARK = "HOLDFAST_ENVIRONMENT"

_ROUNDS = 100
_PAUSE_S = 0.01


def end_marked(value: str) -> None:
    """Kills every process that has the mark. A process may fork while it is looked for, so it looks
    until there is none, or for a second: what cannot be killed must not hold up the caller."""
    for _ in range(_ROUNDS):
        found = list(_marked(value))
        if not found:
            return
        for process in found:
            try:
                process.kill()
            except psutil.Error:
                pass  # it ended by itself, or runs as somebody else
        time.sleep(_PAUSE_S)


def _marked(value: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == value:
                yield process
        except (psutil.Error, OSError):
            continue  # it has ended, or is not ours to read
