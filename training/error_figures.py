"""How good error tables are on sources that they did not see, put into the page on expected errors.

Belongs here: figures of held-out pixels. How tables are fitted is ``expected_error.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from error_samples import PIXELS, Floats, Sample
from napari_autolut.util.ranks import rank_correlation

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from pages import get, put

PAGE = Path(__file__).parents[1] / "docs" / "expected-error.md"
GIVEN = "16 bits", "8 bits", "200 levels", "60 levels"
PHOTONS = 0.0, 1000.0, 200.0, 50.0


def put_figures(name: str, expected: Floats, pixels: Sample) -> None:
    """Write the rows of a model into the tables of the page, where it has rows already."""
    known = pixels.known
    put_row("calibration", [f"`{name}`", *overall(expected[known], pixels.of(known))])
    if pixels.sigmas.any():
        for how in GIVEN:
            row = [
                by_noise(expected[here], pixels.of(here))
                for here in ((pixels.photons == each) & (pixels.given == how) for each in PHOTONS)
            ]
            put_row("levels", [f"`{name}`, {how}", *row])


def overall(expected: Floats, pixels: Sample) -> list[str]:
    """Coverage in all, where little and where much is expected, by source; rank correlations."""
    inside = pixels.errors <= expected
    low, high = np.quantile(expected, (0.1, 0.9))
    sources = of_sources(inside, pixels)
    parts = inside, inside[expected <= low], inside[expected >= high], sources
    return [
        *(f"{part.mean():.1%}".replace("%", " %") for part in parts),
        f"{sources.min():.0%}".replace("%", " %"),
        f"{rank_correlation(expected, pixels.errors):.2f}",
        f"{within_images(expected, pixels):.2f}",
    ]


def by_noise(expected: Floats, pixels: Sample) -> str:
    """Coverage in all, as mean of sources and of the worst one; rank correlation in an image."""
    inside = pixels.errors <= expected
    sources = of_sources(inside, pixels)
    shares = " / ".join(
        f"{100 * each:.0f}" for each in (inside.mean(), sources.mean(), sources.min())
    )
    return f"{shares} %; {within_images(expected, pixels):.2f}"


def of_sources(inside: NDArray[np.bool_], pixels: Sample) -> Floats:
    """Coverage of each source."""
    _, which = np.unique(pixels.sources, return_inverse=True)
    result: Floats = np.bincount(which, inside) / np.bincount(which)
    return result


def within_images(expected: Floats, pixels: Sample) -> float:
    """Mean of the rank correlations within one image, of those with errors of several sizes."""
    pairs = zip(expected.reshape(-1, PIXELS), pixels.errors.reshape(-1, PIXELS), strict=True)
    return float(np.nanmean([rank_correlation(*pair) for pair in pairs]))


def put_row(marker: str, cells: list[str]) -> None:
    """Replace the row of a table that begins with the same cell."""
    row = f"| {' | '.join(cells)} |"
    lines = get(marker, PAGE).splitlines()
    beginning = f"| {cells[0]} |"
    put(marker, "\n".join(row if line.startswith(beginning) else line for line in lines), PAGE)
    sys.stdout.write(f"{row}\n")
    sys.stdout.flush()
