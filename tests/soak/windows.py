"""All docks opened and closed again and again: memory, threads and widgets stay level.

Belongs here: docks in one window of napari. Run by itself it opens them so many times, and prints
what it measured; it needs a display.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator

from tests.soak.part import Finding, program, report, scaled

COUNT = 50
WARM = 0.3
"""Fraction of the rounds in which fonts, shaders, models and kernels are loaded."""

KILOBYTES, KILOBYTES_A_ROUND = 10_000, 100
"""Of six docks; Qt's and the system's allocators keep some, once and now and then."""

DOCKS = ("Upscale", "Denoise", "Make isotropic", "Compare", "Train", "Upscale a folder")


def run(amount: float) -> Iterator[Finding]:
    """Open docks in a program of its own."""
    count = max(5, scaled(COUNT, amount))
    ran = program(["-m", "tests.soak.windows", count], seconds=120 + 30 * count)
    what = f"{len(DOCKS)} docks opened and closed"
    if ran.returncode:
        said = (ran.stderr.strip().splitlines() or ["nothing on stderr"])[-1]
        yield Finding(what, "", (f"exit {ran.returncode}, {said[:300]}",))
        return
    found = json.loads(ran.stdout.splitlines()[-1])
    (memory, threads, widgets), (memory2, threads2, widgets2) = found["before"], found["after"]
    rounds, faults = found["rounds"], []
    if memory2 - memory > KILOBYTES + KILOBYTES_A_ROUND * rounds:
        faults.append(f"memory grew from {memory} to {memory2} kB in {rounds} rounds")
    if threads2 > threads + 1:
        faults.append(f"threads grew from {threads} to {threads2}")
    if widgets2 > widgets:
        faults.append(f"widgets grew from {widgets} to {widgets2}")
    text = (f"{count} times: {(memory2 - memory) / rounds:.0f} kB a round, {threads2 - threads:+d} "
            f"threads, {widgets2 - widgets:+d} widgets")  # fmt: skip
    yield Finding(what, text, tuple(faults))


def main(count: int) -> None:
    """Open and close every dock ``count`` times."""
    if sys.platform == "linux" and "DISPLAY" not in os.environ:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import napari
    import psutil
    from napari.utils.notifications import notification_manager
    from qtpy.QtCore import QThreadPool
    from qtpy.QtWidgets import QApplication

    from tests.pictures import picture

    notification_manager.__enter__()  # as napari does it: an error of a slot is shown, and no end
    viewer = napari.Viewer(show=False)
    viewer.add_image(picture((90, 80), "uint16", top=4000), name="cells")
    app, process = QApplication.instance(), psutil.Process()
    assert app is not None

    def measured() -> tuple[int, int, int]:
        gc.collect()
        memory = process.memory_info().rss // 1024
        return memory, process.num_threads(), len(QApplication.allWidgets())

    def one_round() -> None:
        for name in DOCKS:
            dock, _ = viewer.window.add_plugin_dock_widget("napari-autolut", name)
            app.processEvents()
            viewer.window.remove_dock_widget(dock)
            app.processEvents()
        QThreadPool.globalInstance().waitForDone(60_000)
        gc.collect()  # what Python has yet to collect is no leak
        app.sendPostedEvents(None, 52)  # QEvent.DeferredDelete
        app.processEvents()

    warm = max(1, int(WARM * count))
    for _ in range(warm):
        one_round()
    before = measured()
    for _ in range(count - warm):
        one_round()
    after = measured()
    viewer.close()
    report({"rounds": max(1, count - warm), "before": before, "after": after})


if __name__ == "__main__":
    main(int(sys.argv[1]))
