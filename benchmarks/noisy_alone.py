"""What the denoiser learns from noisy images alone, measured with clean ones it never sees.

``python benchmarks/noisy_alone.py PAIRS`` takes a folder with ``noisy`` and ``clean`` images of the
same names. Each subset of names (all but the last part, ``Confocal_FISH_1``) learns from its own
noisy images for ``--minutes``; PSNRs are those of the automatic result and of the learned table.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autolut_training.api import train_request
from napari_autolut import denoise
from napari_autolut.io import read_image
from napari_autolut.training.request import TrainRequest


def psnr(result: NDArray[np.generic], clean: NDArray[np.generic]) -> float:
    """PSNR in dB of 8-bit images."""
    error = np.mean((result.astype(np.float64) - clean.astype(np.float64)) ** 2)
    return float(10 * np.log10(255**2 / error))


def main() -> None:
    """Print a line for every subset, and the means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--minutes", type=float, default=1.0)
    options = parser.parse_args()
    subsets = defaultdict(list)
    for path in sorted((options.pairs / "noisy").iterdir()):
        subsets[path.stem.rpartition("_")[0]].append(path)
    gains = []
    print("| subset | automatic | learned | gain |\n| --- | --- | --- | --- |")
    for name, paths in subsets.items():
        automatic, learned = measured(paths, options.pairs / "clean", options.minutes)
        gains.append(learned - automatic)
        print(f"| {name} | {automatic:.2f} | {learned:.2f} | {gains[-1]:+.2f} |", flush=True)
    print(f"| mean | | | {np.mean(gains):+.2f}, least {min(gains):+.2f} |")


def measured(paths: list[Path], clean: Path, minutes: float) -> tuple[float, float]:
    """Mean PSNRs of a subset: automatic, and by a table that learned from its noisy images."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "noisy"
        folder.mkdir()
        for path in paths:
            shutil.copy(path, folder)
        out = Path(temporary) / "learned.safetensors"
        train_request(TrainRequest(images=folder, out=out, minutes=minutes, noisy=True))
        images = [(read_image(p).data, read_image(clean / p.name).data) for p in paths]
        automatic = [psnr(denoise(noisy), truth) for noisy, truth in images]
        learned = [psnr(denoise(noisy, model=out), truth) for noisy, truth in images]
    return float(np.mean(automatic)), float(np.mean(learned))


if __name__ == "__main__":
    main()
