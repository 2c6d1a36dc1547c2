"""The shell command ``napari-autolut``, one file for each sub-command.

Lives here: options, what is printed and the exit status. Not here: anything another program could
use; that is in the package a command calls.
"""

from __future__ import annotations

import sys

from napari_autolut.cli.signals import end_at_once, exit_status, stopped_by
from napari_autolut.util.interruptions import none_is_lost


def main() -> None:
    """Load the command line of this process, run it and exit."""
    try:
        with none_is_lost():
            from napari_autolut.cli.app import app
            from napari_autolut.cli.command_group import PROGRAM
        app(prog_name=PROGRAM)
    except KeyboardInterrupt:
        sys.stderr.write(f"napari-autolut: {stopped_by()}; nothing was written\n")
        sys.exit(exit_status())
    finally:
        end_at_once()
