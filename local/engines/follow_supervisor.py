"""Runs a module as `python -m` would, and ends with whoever holds the other end of stdin.

The supervisor ends the engine's process group. Should the supervisor itself be killed, its end of
the pipe closes, and the group ends here.
usage: python follow_supervisor.py MODULE
"""

import os
import runpy
import signal
import sys
import threading


def follow():
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=follow, daemon=True).start()
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
