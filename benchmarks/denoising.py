"""PSNR and time of denoise() on pairs of noisy and clean images; writes the how-to's figures.

python benchmarks/denoising.py FOLDER      (FOLDER/noisy/*.png and FOLDER/clean/*.png)
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from pathlib import Path
from time import perf_counter

import numpy as np
from scipy.ndimage import gaussian_filter
from skimage import io

from napari_autolut import denoise

PAGE = Path(__file__).parents[1] / "docs" / "howto" / "denoise.md"


def psnr(image, truth):
    error = np.mean((np.asarray(image, np.float64) - truth) ** 2)
    return 10 * np.log10(255**2 / error)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    kinds: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for path in sorted((folder / "noisy").glob("*.png")):
        noisy, truth = io.imread(path), io.imread(folder / "clean" / path.name).astype(np.float64)
        denoise(noisy)  # compiles, and loads the table
        begun = perf_counter()
        clean = denoise(noisy)
        seconds = perf_counter() - begun
        blurred = gaussian_filter(noisy.astype(np.float64), 2)
        row = psnr(noisy, truth), psnr(blurred, truth), psnr(clean, truth), 1000 * seconds
        kinds[path.name.split("_")[0]].append(row)
        kinds["all"].append(row)
    lines = ["| images | noisy | Gaussian blur, sigma 2 | denoised | ms |", "|---|---|---|---|---|"]
    for kind, rows in sorted(kinds.items(), key=lambda each: each[0] == "all"):
        noisy, blurred, clean, time = np.mean(rows, axis=0)
        name = f"{kind} ({len(rows)})"
        lines.append(f"| {name} | {noisy:.2f} | {blurred:.2f} | **{clean:.2f}** | {time:.0f} |")
    table = "\n".join(lines)
    print(table)
    text = re.sub(
        r"(<!-- denoising -->\n).*?(<!-- /denoising -->)",
        lambda found: f"{found[1]}{table}\n{found[2]}",
        PAGE.read_text("utf-8"),
        flags=re.DOTALL,
    )
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
