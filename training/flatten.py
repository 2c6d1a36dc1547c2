"""Make finished tables give constant images back, as every table is made when it is trained.

Belongs here: the same for model files of before. Tables for noisy images stay as they are.

    python training/flatten.py luts/*.safetensors
"""

from __future__ import annotations

import sys
from pathlib import Path

from autolut_training.models.flat import flattened
from napari_autolut.storage import load_model_file, save_model


def main(paths: list[Path]) -> None:
    """Rewrite the files."""
    for path in paths:
        model = load_model_file(path)
        if model.card.task != "denoising":
            save_model(flattened(model), path, overwrite=True)


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
