"""The plot of tables beside networks, drawn from the figures that the README has.

    python benchmarks/network_plot.py

Nothing is measured here, so that the plot can be drawn again on any machine. Measuring is
``networks.py``, which draws it after it has renewed the README.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pages

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

PLOT = Path(__file__).parents[1] / "docs" / "images" / "networks.png"
COLUMNS = {"RGB": "RGB, 1 thread", "grey": "grey, 1 thread"}
LUMA = " (luma)"

STYLES: dict[str, dict[str, Any]] = {
    "tables": {"marker": "o", "color": "tab:blue"},
    "tables, colours through luma": {"marker": "o", "color": "tab:blue", "fillstyle": "none"},
    "networks (OpenVINO)": {"marker": "s", "color": "chocolate"},
}

SIDES = ((0, 1), (1, 0), (-1, 0), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
"""Where a name may stand, seen from its mark; the first that is free is taken."""

DISTANCES = (6, 12, 20)
"""Between a mark and its name, in points."""


class Point(NamedTuple):
    """A table or a network in one panel."""

    name: str
    style: str
    milliseconds: float
    set5: float


def points(text: str, scale: str, mode: str) -> list[Point]:
    """What the README's table of one scale says of one thread."""
    rows = [re.split(r"\s*\|\s*", line)[1:-1] for line in text.splitlines() if line[:1] == "|"]
    first = next(number for number, row in enumerate(rows) if row[0] == scale)
    header = rows[first]
    after = itertools.takewhile(lambda row: not re.fullmatch(r"x\d", row[0]), rows[first + 2 :])
    found = []
    for row in after:
        cells = dict(zip(header, row, strict=True))
        name, time = cells[scale].strip("*"), cells[COLUMNS[mode]]
        table, through_luma, network = STYLES
        is_table = cells[scale].startswith("**")
        style = through_luma if name.endswith(LUMA) else table if is_table else network
        if time != "-":
            plain = name.removesuffix(LUMA)
            found.append(Point(plain, style, float(time.split(" ms")[0]), float(cells["Set5"])))
    return found


def draw(text: str, path: Path) -> None:
    """PSNR on Set5 over milliseconds on one thread: a panel for each scale and mode."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    figure = Figure(figsize=(11, 8), layout="constrained")
    settings = itertools.product(("x4", "x2"), COLUMNS)
    panels = [
        (axes, scale, mode)
        for axes, (scale, mode) in zip(figure.subplots(2, 2).flat, settings, strict=True)
    ]
    for axes, scale, mode in panels:
        shown = points(text, scale, mode)
        for style, look in STYLES.items():
            some = [point for point in shown if point.style == style]
            axes.plot([point.milliseconds for point in some], [point.set5 for point in some],
                      label=style, ls="", **look)  # fmt: skip
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.margins(0.18, 0.14)
        axes.set_title(f"{scale}, {mode}")
        axes.set_xlabel("milliseconds, one thread")
        axes.set_ylabel("PSNR-Y on Set5, dB")
        axes.grid(alpha=0.3)
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, ncols=len(STYLES), loc="outside upper center")
    (machine,) = re.findall(r"^Milliseconds for .*? on (.*?); in brackets", text, re.MULTILINE)
    figure.supxlabel(machine, fontsize=9)
    figure.draw_without_rendering()
    for axes, scale, mode in panels:
        write_names(axes, points(text, scale, mode))
    figure.savefig(path, dpi=110)


def write_names(axes: Axes, shown: list[Point]) -> list[Bbox]:
    """Write a name beside each mark where it covers no other name and no mark.

    Returns
    -------
    list of Bbox
        What each name covers, in pixels of the figure.
    """
    from matplotlib.transforms import Bbox

    at = axes.transData.transform([(point.milliseconds, point.set5) for point in shown])
    marks = [Bbox.from_bounds(x - 6, y - 6, 12, 12) for x, y in at]
    names: list[Bbox] = []
    for point in shown:
        for distance, (right, up) in itertools.product(DISTANCES, SIDES):
            name = axes.annotate(
                point.name,
                (point.milliseconds, point.set5),
                (right * distance, up * distance),
                textcoords="offset points",
                fontsize=8,
                color=STYLES[point.style]["color"],
                ha={1: "left", 0: "center", -1: "right"}[right],
                va={1: "bottom", 0: "center", -1: "top"}[up],
            )
            covered = name.get_window_extent()
            inside = axes.bbox.containsx(covered.x0) and axes.bbox.containsx(covered.x1)
            if inside and not covered.count_overlaps([*names, *marks]):
                names.append(covered)
                break
            name.remove()
        else:
            raise ValueError(f"{axes.get_title()}: no room for the name {point.name}")
    return names


def main() -> None:
    """Draw the plot of the pages again."""
    draw(pages.get("networks"), PLOT)


if __name__ == "__main__":
    main()
