"""Rows of an enlarged image from those of its phases, and the other way round, compiled.

Belongs here: pixels that lie every ``r`` places, in loops that become vector code. That takes a
step that is known when compiling, so there is a loop for each usual factor.
"""

from __future__ import annotations

from typing import Any

from napari_autolut.engine.compilation import borrowing_kernel


@borrowing_kernel
def interleave(phases: Any, row: Any) -> None:
    """Write (r, W) phases side by side: pixel x of phase p goes to ``row[x * r + p]``."""
    columns = phases.shape[1]
    if len(phases) == 2:
        a, b = phases[0], phases[1]
        for x in range(columns):
            row[2 * x], row[2 * x + 1] = a[x], b[x]
    elif len(phases) == 3:
        a, b, c = phases[0], phases[1], phases[2]
        for x in range(columns):
            row[3 * x], row[3 * x + 1], row[3 * x + 2] = a[x], b[x], c[x]
    elif len(phases) == 4:
        a, b, c, d = phases[0], phases[1], phases[2], phases[3]
        for x in range(columns):
            row[4 * x], row[4 * x + 1], row[4 * x + 2], row[4 * x + 3] = a[x], b[x], c[x], d[x]
    else:
        for phase in range(len(phases)):
            for x in range(columns):
                row[x * len(phases) + phase] = phases[phase, x]


@borrowing_kernel
def part(row: Any, phases: Any) -> None:
    """Undo :func:`interleave`."""
    columns = phases.shape[1]
    if len(phases) == 2:
        a, b = phases[0], phases[1]
        for x in range(columns):
            a[x], b[x] = row[2 * x], row[2 * x + 1]
    elif len(phases) == 3:
        a, b, c = phases[0], phases[1], phases[2]
        for x in range(columns):
            a[x], b[x], c[x] = row[3 * x], row[3 * x + 1], row[3 * x + 2]
    elif len(phases) == 4:
        a, b, c, d = phases[0], phases[1], phases[2], phases[3]
        for x in range(columns):
            a[x], b[x], c[x], d[x] = row[4 * x], row[4 * x + 1], row[4 * x + 2], row[4 * x + 3]
    else:
        for phase in range(len(phases)):
            for x in range(columns):
                phases[phase, x] = row[x * len(phases) + phase]
