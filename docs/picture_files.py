"""Pictures for pages: small PNG files and GIFs.

Belongs here: from pixels to files. What is on the pictures is ``make_pictures.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

IMAGES = Path(__file__).parent / "images"
LARGEST_PNG, LARGEST_GIF = 300_000, 3_000_000
CAPTION = 1 / 36
"""Height of a line of text below panels, of the width of all: to be read on narrow pages, too."""

Pixels = NDArray[np.uint8]
"""(H, W, 3)."""


def write_png(name: str, pixels: Pixels) -> None:
    """Write a picture with all its colours, or the most that the size allows.

    Raises
    ------
    ValueError
        if it is too large with 64 colours
    """
    path = IMAGES / f"{name}.png"
    picture = Image.fromarray(pixels)
    for colours in (None, 256, 128, 64):
        dither = Image.Dither.FLOYDSTEINBERG
        fewer = picture if colours is None else picture.quantize(colours, dither=dither)
        fewer.save(path, optimize=True)
        if path.stat().st_size < LARGEST_PNG:
            _tell(path)
            return
    raise ValueError(f"{path}: {path.stat().st_size} bytes; show a smaller window")


def captioned(panels: Sequence[tuple[Pixels, str]], gap: int) -> Pixels:
    """Panels beside each other on white, each with a line of text below it."""
    height, width = panels[0][0].shape[:2]
    whole = (width + gap) * len(panels) - gap
    line = round(CAPTION * whole)
    sheet = Image.new("RGB", (whole, height + line), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(0.7 * line)
    for number, (pixels, text) in enumerate(panels):
        left = number * (width + gap)
        sheet.paste(Image.fromarray(pixels), (left, 0))
        draw.text((left + gap, height + 0.1 * line), text, "black", font)
    return np.asarray(sheet)


class Film:
    """Frames of one size and how long each is seen."""

    def __init__(self) -> None:
        self._frames: list[Pixels] = []
        self._milliseconds: list[int] = []

    def add(self, frame: Pixels, milliseconds: int) -> None:
        """Show a frame for a time; if it is the last one again, the last one longer."""
        if self._frames and np.array_equal(frame, self._frames[-1]):
            self._milliseconds[-1] += milliseconds
        else:
            self._frames.append(frame)
            self._milliseconds.append(milliseconds)

    def hold(self, milliseconds: int) -> None:
        """Show the last frame longer."""
        self._milliseconds[-1] += milliseconds

    def write(self, name: str, width: int) -> None:
        """Write a GIF that goes round, reduced to a width.

        Raises
        ------
        ValueError
            if it is too large
        """
        path = IMAGES / f"{name}.gif"
        rows, columns = self._frames[0].shape[:2]
        size = width, round(rows * width / columns)
        pictures = [
            Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS) for frame in self._frames
        ]
        palette = _common_palette(pictures)
        first, *others = (
            picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures
        )
        first.save(path, save_all=True, append_images=others, duration=self._milliseconds, loop=0)
        if path.stat().st_size > LARGEST_GIF:
            raise ValueError(f"{path}: {path.stat().st_size} bytes; show fewer or smaller frames")
        _tell(path)


def _common_palette(pictures: Sequence[Image.Image]) -> Image.Image:
    """One palette for all frames, so that what does not change has the same bytes."""
    some = pictures[:: max(1, len(pictures) // 8)]
    sheet = Image.new("RGB", (some[0].width, sum(picture.height for picture in some)))
    for number, picture in enumerate(some):
        sheet.paste(picture, (0, number * picture.height))
    return sheet.quantize(256)


def _tell(path: Path) -> None:
    sys.stdout.write(f"{path.name}: {path.stat().st_size / 1000:.0f} kB\n")
