"""A host of environments that is there to be killed: prints the ids of their processes, and waits.

One is frozen, and the other computes for ever."""

import threading
import time

from support import call, environment

with (
    environment("export const handler = async () => 1;") as frozen,
    environment("export const handler = () => { for (;;); };", timeout_s=600) as busy,
):
    frozen.invoke(call())
    threading.Thread(target=lambda: busy.invoke(call()), daemon=True).start()
    print(frozen._process.pid, busy._process.pid, flush=True)
    time.sleep(600)
