"""Aligned columns of text.

Belongs here: the layout of every list that a command prints.
"""

from __future__ import annotations

from collections.abc import Sequence

from napari_autolut.util.text import printable


def aligned(rows: Sequence[Sequence[str]], *, left: int) -> str:
    """Lines with columns two spaces apart; the first ``left`` columns flush left, others right.

    Control characters are escaped, so that no cell breaks its line.
    """
    rows = [[*map(printable, row)] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if number < left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
