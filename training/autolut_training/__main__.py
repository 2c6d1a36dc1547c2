"""One table by N processes: ``torchrun --nproc-per-node N -m autolut_training FOLDER --out FILE``.

Belongs here: nothing but the start; options are those of ``napari-autolut train``.
"""

from __future__ import annotations

import sys

from autolut_training.loop.distributed import together
from napari_autolut.cli.main import app


def main() -> None:
    """Run ``napari-autolut train`` in this process, together with the others there are."""
    with together():
        status = app(["train", *sys.argv[1:]], prog_name="autolut_training", standalone_mode=False)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
