"""Work beside the window when Python ends."""

import subprocess
import sys

PROGRAM = """
from threading import Event
from time import sleep
from qtpy.QtWidgets import QApplication
from napari_autolut.widgets.shared.background import Run

def steps():
    while True:
        sleep(0.05)
        yield

app = QApplication([])
run = Run(steps, Event())
run.start()
sleep(0.2)
"""


def test_python_ends_in_good_order_while_something_runs():
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, timeout=300)
    assert ended.returncode == 0, ended.stderr.decode()
    assert b"Error" not in ended.stderr
