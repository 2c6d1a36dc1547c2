"""Lines, dots and text on a white page, written as SVG or PNG without a plotting library.

Belongs here: the marks and the two writers. What is drawn where is in ``panels.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

PAPER = "#ffffff"
DASH, GAP = 5.0, 4.0
PNG_SCALE, SMOOTHING = 2, 2
"""PNG pixels for a unit of the page, and how many times finer they are drawn and then averaged."""

Anchor = Literal["start", "middle", "end"]
PILLOW_ANCHOR = {"start": "ls", "middle": "ms", "end": "rs"}


@dataclass(frozen=True)
class Line:
    """From one point to another; coordinates count from the top left."""

    x0: float
    y0: float
    x1: float
    y1: float
    colour: str
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True)
class Dot:
    """A disc, or a ring."""

    x: float
    y: float
    radius: float
    colour: str
    filled: bool = True


@dataclass(frozen=True)
class Text:
    """One line of text; ``y`` is its base line, ``x`` where the anchor says."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    anchor: Anchor = "start"


Mark = Line | Dot | Text


@dataclass(frozen=True)
class Drawing:
    """Marks on a page, later ones above earlier ones."""

    width: int
    height: int
    marks: tuple[Mark, ...]


def text_width(text: str, size: float) -> float:
    """Width of a line of text, a little more than it needs in most fonts."""
    return 1.08 * _font(round(4 * size)).getlength(text) / 4


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def write_drawing(drawing: Drawing, path: Path, suffix: str) -> None:
    """Write ``.svg`` or ``.png``, whatever the file is called."""
    if suffix == ".svg":
        path.write_text(as_svg(drawing), encoding="utf-8", errors="backslashreplace")
    else:
        as_image(drawing).save(path, "PNG", optimize=True)


def as_svg(drawing: Drawing) -> str:
    """Render the drawing as the text of an SVG file."""
    size = f'width="{drawing.width}" height="{drawing.height}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {drawing.width} {drawing.height}" font-family="Arial, sans-serif">'
    )
    page = f'<rect {size} fill="{PAPER}"/>'
    return "\n".join([head, page, *map(_svg_mark, drawing.marks), "</svg>"]) + "\n"


def _svg_mark(mark: Mark) -> str:
    if isinstance(mark, Line):
        dashes = f' stroke-dasharray="{DASH:g} {GAP:g}"' if mark.dashed else ""
        ends = f'x1="{mark.x0:.1f}" y1="{mark.y0:.1f}" x2="{mark.x1:.1f}" y2="{mark.y1:.1f}"'
        return f'<line {ends} stroke="{mark.colour}" stroke-width="{mark.width:g}"{dashes}/>'
    if isinstance(mark, Dot):
        fill = mark.colour if mark.filled else PAPER
        place = f'cx="{mark.x:.1f}" cy="{mark.y:.1f}" r="{mark.radius:g}"'
        return f'<circle {place} fill="{fill}" stroke="{mark.colour}" stroke-width="1.5"/>'
    place = f'x="{mark.x:.1f}" y="{mark.y:.1f}" text-anchor="{mark.anchor}"'
    return (
        f'<text {place} font-size="{mark.size:g}" fill="{mark.colour}">{escape(mark.text)}</text>'
    )


def as_image(drawing: Drawing) -> Image.Image:
    """Render the drawing as RGB pixels, two to a unit."""
    fine = PNG_SCALE * SMOOTHING
    image = Image.new("RGB", (drawing.width * fine, drawing.height * fine), PAPER)
    pen = ImageDraw.Draw(image)
    for mark in drawing.marks:
        _paint(pen, mark, fine)
    return image.reduce(SMOOTHING)


def _paint(pen: ImageDraw.ImageDraw, mark: Mark, fine: int) -> None:
    if isinstance(mark, Line):
        for x0, y0, x1, y1 in _dashes(mark):
            ends = (x0 * fine, y0 * fine, x1 * fine, y1 * fine)
            pen.line(ends, fill=mark.colour, width=round(mark.width * fine))
    elif isinstance(mark, Dot):
        box = [(c + sign * mark.radius) * fine for sign in (-1, 1) for c in (mark.x, mark.y)]
        fill = mark.colour if mark.filled else PAPER
        pen.ellipse(box, fill=fill, outline=mark.colour, width=round(1.5 * fine))
    else:
        font = _font(round(mark.size * fine))
        place = (mark.x * fine, mark.y * fine)
        pen.text(place, mark.text, fill=mark.colour, font=font, anchor=PILLOW_ANCHOR[mark.anchor])


def _dashes(line: Line) -> Iterator[tuple[float, float, float, float]]:
    """Ends of the strokes that make the line."""
    across, down = line.x1 - line.x0, line.y1 - line.y0
    length = math.hypot(across, down)
    stroke, period = (DASH, DASH + GAP) if line.dashed else (length, length or 1)
    start = 0.0
    while start < length:
        a, b = start / length, min(start + stroke, length) / length
        yield line.x0 + a * across, line.y0 + a * down, line.x0 + b * across, line.y0 + b * down
        start += period
