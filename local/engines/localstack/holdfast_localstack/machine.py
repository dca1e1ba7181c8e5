"""What all environments share: the machine's node, and the room for processes."""

import os
import re
import subprocess
from functools import cache

from localstack import config
from localstack.runtime import hooks

from .node_process import NodeProcess
from .places import Places
from .settings import read_settings

places = Places[NodeProcess](config.LAMBDA_LIMITS_CONCURRENT_EXECUTIONS)
"""One limit for calls at once and for processes, whether they are at work or kept warm."""


@cache
def node() -> str:
    return read_settings(os.environ).node


@cache
def runtime_of_node() -> str:
    """The runtime that this machine's node is: `nodejs24.x`."""
    version = subprocess.run([node(), "--version"], capture_output=True, text=True, check=True)
    major = re.match(r"v(\d+)\.", version.stdout)
    if not major:
        raise ValueError(f"{node()} --version says {version.stdout!r}")
    return f"nodejs{major[1]}.x"


@hooks.on_runtime_shutdown(priority=-100)
def end_processes() -> None:
    """After LocalStack has stopped its services: pollers that know nothing of it start new ones."""
    places.close()
