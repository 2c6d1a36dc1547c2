"""The shell command, also ``python -m napari_autolut``.

Belongs here: its first half second, in which it is loaded. The rest is ``cli/main.py``.
"""

from __future__ import annotations

import sys

from napari_autolut.cli.signals import end_at_once, exit_status, stopped_by
from napari_autolut.util.interruptions import none_is_lost


def main() -> None:
    """Load the command line of this process, run it and exit."""
    try:
        with none_is_lost():
            from napari_autolut.cli.main import main as run
        run()
    except KeyboardInterrupt:
        sys.stderr.write(f"napari-autolut: {stopped_by()}; nothing was written\n")
        sys.exit(exit_status())
    finally:
        end_at_once()


if __name__ == "__main__":
    main()
