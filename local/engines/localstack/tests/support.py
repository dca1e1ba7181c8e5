"""What the tests share: functions from a few lines of source, and waiting."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psutil

from holdfast_localstack.environment import Call, Environment, Function
from holdfast_localstack.node_process import NodeProcess
from holdfast_localstack.places import Places

NODE = os.environ["LAMBDA_PROCESS_NODE"]

_ids = count(1)


def eventually(holds: Callable[[], bool], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {within_s} s")
        time.sleep(0.02)


def status_of(pid: int) -> str | None:
    try:
        return psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return None


def is_running(pid: int) -> bool:
    """A process that has ended, but that nobody has waited for, does not run."""
    return status_of(pid) not in (None, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


def is_frozen(pid: int) -> bool:
    return status_of(pid) == psutil.STATUS_STOPPED


def call(event: str = "{}") -> Call:
    id = f"call-{next(_ids)}"
    return Call(id=id, arn="arn:aws:lambda:us-east-1:0:function:f", trace="Root=1-2", event=event)


def function_in(folder: Path, source: str, *, timeout_s: int = 20, **variables: str) -> Function:
    (folder / "index.mjs").write_text(source)
    return Function(
        version="$LATEST",
        code=folder,
        memory_mb=256,
        timeout_s=timeout_s,
        max_answer_bytes=1_000_000,
        environment={
            "PATH": os.environ["PATH"],
            "_HANDLER": "index.handler",
            "LAMBDA_TASK_ROOT": str(folder),
            "AWS_LAMBDA_FUNCTION_NAME": "f",
            **variables,
        },
    )


@contextmanager
def environment(
    source: str,
    *,
    places: Places[NodeProcess] | None = None,
    timeout_s: int = 20,
    start: bool = True,
    **variables: str,
) -> Iterator[Environment]:
    """An environment whose module has this source, started unless said otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        function = function_in(Path(folder), source, timeout_s=timeout_s, **variables)
        made = Environment(
            f"environment-{os.getpid()}-{next(_ids)}",
            function,
            node=NODE,
            places=places or Places(100),
        )
        try:
            if start:
                made.start()
            yield made
        finally:
            made.stop()
