"""What the Make isotropic dock does in other threads: learning, a preview, a run.

Belongs here: generators that touch no widget. When they are begun, ``dock.py`` says.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from napari_autolut.arrays import Progress
from napari_autolut.isotropic import AxialTable, IsotropicPlan, warn_of_tables
from napari_autolut.isotropic.layer import LayerStack, RowPreview
from napari_autolut.layers import LayerData


class Learned(NamedTuple):
    """A plan, and the settings it was made with."""

    settings: tuple[Any, ...]
    plan: IsotropicPlan


Place = tuple[int, tuple[int, ...]]
"""A row, and which volume of the layer it is in."""


class Previewed(NamedTuple):
    """What a preview gives: the plan, to be used again, the place, and the pictures of it."""

    learned: Learned
    place: Place
    preview: RowPreview


Learning = Generator[Progress, None, Learned]
"""Work that ends in a plan."""


def kept(learned: Learned) -> Learning:
    """Give what is known already."""
    yield Progress(1, 1)
    return learned


def learning_steps(
    taken: LayerStack, settings: tuple[Any, ...], psf: str | float, path: Path | None
) -> Learning:
    """Learn a plan, or take it from a file; says where it is no more than interpolation."""
    plan = yield from taken.plan_steps(psf, path)
    warn_of_tables(plan)
    return Learned(settings, plan)


def preview_steps(
    taken: LayerStack, learning: Learning, wanted: Callable[[], Place]
) -> Generator[Progress, None, Previewed]:
    """Learn, and compute the row that is wanted by then."""
    learned = yield from learning
    place = wanted()
    return Previewed(learned, place, taken.preview(learned.plan, *place))


def run_steps(
    taken: LayerStack, learning: Learning
) -> Generator[Progress, None, tuple[Learned, LayerData]]:
    """Learn, and compute the result."""
    learned = yield from learning
    return learned, (yield from taken.result_steps(learned.plan))


def words(plan: IsotropicPlan, *, warned: bool = False) -> str:
    """What is used, said once where all channels have the same; without what was warned of."""
    tables: Iterable[AxialTable] = plan.tables
    if warned:
        tables = [replace(t, note="", remark="" if t.doubtful else t.remark) for t in tables]
    return "; ".join(dict.fromkeys(map(str, tables)))
