"""What zarr goes on with in its own thread after one of its calls has ended early.

Belongs here: waiting for that.
"""

from __future__ import annotations

import asyncio
from importlib import import_module

MAX_SECONDS = 10


def end_tasks() -> None:
    """Wait for the chunks that are still read or written after an error, or after Ctrl-C.

    Written ones would come back into a folder that was deleted. At its end Python would say of
    each that it was not waited for, with a traceback.
    """
    import_module("zarr.core.sync").sync(_ended())


async def _ended() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        ended, _ = await asyncio.wait(others, timeout=MAX_SECONDS)
        for task in ended:
            task.cancelled() or task.exception()  # looked at: Python logs those that nobody saw
