import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

from support import eventually, is_frozen, is_running


class TheProcessesOfAHost(unittest.TestCase):
    def test_die_with_its_process_group_frozen_or_not(self):
        """The supervisor kills the group when the engine has ended, however it did."""
        host = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("host.py")],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        self.addCleanup(host.wait)
        self.addCleanup(host.stdout.close)
        self.addCleanup(_kill_group, host.pid)
        frozen, busy = map(int, host.stdout.readline().split())
        eventually(lambda: is_frozen(frozen) and not is_frozen(busy))
        self.assertEqual({os.getpgid(frozen), os.getpgid(busy)}, {host.pid})
        host.kill()
        host.wait()
        _kill_group(host.pid)
        eventually(lambda: not is_running(frozen) and not is_running(busy))


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
