"""The transformations of levels as the specification has them: a scale, then a translation.

Belongs here: those that writers leave out, list elsewhere or in another order. What they mean is
``layout.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from napari_autolut.io.tiff.numbers import finite

KEY = "coordinateTransformations"
SCALE, TRANSLATION = "scale", "translation"
NOTHING = "identity"
"""What some writers list that know no size."""

Axis = Mapping[str, Any]
Level = dict[str, Any]


def transforms_of(holder: Mapping[str, Any]) -> list[Any]:
    """What a level or an image lists that changes anything."""
    listed = holder.get(KEY)
    found = listed if isinstance(listed, list) else []
    return [each for each in found if not isinstance(each, dict) or each.get("type") != NOTHING]


def says_sizes(scale: Mapping[str, Any], levels: Sequence[Mapping[str, Any]]) -> bool:
    """Whether anything says how large the pixels of an image are."""
    return bool(transforms_of(scale)) or all(map(transforms_of, levels))


def with_transforms(
    scale: Mapping[str, Any],
    levels: Sequence[Level],
    axes: Sequence[Axis],
    shapes: Sequence[Sequence[int]],
) -> dict[str, Any]:
    """Give an image whose levels have a scale each, and a translation where there is one.

    Parameters
    ----------
    scale : mapping of str to object
        What is said of the image.
    levels : sequence of dict
        What is said of its levels.
    axes : sequence of mapping
        Its axes; where nothing says how large pixels are they lose their units.
    shapes : sequence of sequence of int
        Of the levels, the largest first; empty where all of them have transformations.

    Returns
    -------
    dict of str to object
        Transformations that are not understood are left as they are, for the specification's own
        model to say why.
    """
    whole, given = transforms_of(scale), [transforms_of(level) for level in levels]
    unknown = _unknown([*whole, *(each for own in given for each in own)])
    if shapes:
        steps = [_steps(shapes[0], shape, axes) for shape in shapes]
        given = [own or [step] for own, step in zip(given, steps, strict=True)]
    nothing_said = not says_sizes(scale, levels)
    axes = [
        {key: axis[key] for key in axis if key != "unit"}
        if nothing_said or number in unknown
        else axis
        for number, axis in enumerate(axes)
    ]
    together = [_combined([*own, *whole], len(axes)) for own in given]
    changed = {**scale, "axes": [*axes]}
    if None in together:
        return {**changed, "datasets": [*levels]}
    changed.pop(KEY, None)
    both = zip(levels, together, strict=True)
    return {**changed, "datasets": [{**level, KEY: own} for level, own in both]}


def _unknown(transforms: Sequence[Any]) -> set[int]:
    """Numbers of the axes of which a writer says null for a size."""
    scales = [each.get(SCALE) for each in transforms if isinstance(each, dict)]
    listed = [each for each in scales if isinstance(each, list)]
    return {number for each in listed for number, size in enumerate(each) if size is None}


def _steps(largest: Sequence[int], shape: Sequence[int], axes: Sequence[Axis]) -> dict[str, Any]:
    """How many pixels of the largest level one of another level is."""
    steps = [
        n / count if axis.get("type") == "space" else 1.0
        for n, count, axis in zip(largest, shape, axes, strict=True)
    ]
    return {"type": SCALE, SCALE: steps}


def _combined(transforms: Sequence[Any], ndim: int) -> list[dict[str, Any]] | None:
    """One after another as a scale and a translation; None where one is not understood."""
    sizes, shifts = [1.0] * ndim, [0.0] * ndim
    for each in transforms:
        kind = each.get("type") if isinstance(each, dict) else None
        given = each.get(kind) if kind in (SCALE, TRANSLATION) else None
        usual = 1.0 if kind == SCALE else 0.0
        numbers = [
            usual if number is None else finite(number)
            for number in (given if isinstance(given, list) else [])
        ]
        values = [number for number in numbers if number is not None]
        if len(values) != ndim or len(numbers) != ndim:
            return None
        if kind == SCALE:
            sizes = [size * value for size, value in zip(sizes, values, strict=True)]
            shifts = [shift * value for shift, value in zip(shifts, values, strict=True)]
        else:
            shifts = [shift + value for shift, value in zip(shifts, values, strict=True)]
    moved = [{"type": TRANSLATION, TRANSLATION: shifts}] if any(shifts) else []
    return [{"type": SCALE, SCALE: sizes}, *moved]
