"""The inner loops along z, compiled: structures, filters, and the sums that filters come from.

Belongs here: numba on padded planes. No pixel's result depends on where a block or a thread begins.

A volume is (slices, planes, pixels) with ``PAD_Z`` slices and ``PAD_X`` pixels more on each side;
each plane, slices by pixels, is one xz or yz plane of the stack.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.compilation.kernels import kernel
from napari_autolut.isotropic.table import (
    ANGLES,
    BASE_RADIUS,
    BASE_TAPS,
    COHERENCES,
    RADIUS_X,
    RADIUS_Z,
    STRENGTHS,
    TAPS,
    AxialTable,
)

PAD_Z, PAD_X = BASE_RADIUS, RADIUS_X

WIDTH = 2 * RADIUS_X + 1
WEIGHTS_Z = np.array([1, 2, 1], np.float32) / np.float32(4)
WEIGHTS_X = np.array([1, 4, 6, 4, 1], np.float32) / np.float32(16)
"""Binomials, along either axis, by which gradients around a pixel tell its structure."""

Volume = NDArray[np.float32]


class Filters(NamedTuple):
    """The arrays of a table, as kernels take them."""

    base: Volume
    filters: Volume
    strengths: Volume
    coherences: Volume

    @classmethod
    def of(cls, table: AxialTable) -> Filters:
        """Take the arrays of a table."""
        return cls(table.base, table.filters, table.strengths, table.coherences)


class Sums(NamedTuple):
    """Normal equations of all structures: products of taps, of taps and targets, and numbers."""

    products: NDArray[np.float64]
    targets: NDArray[np.float64]
    counts: NDArray[Any]


@kernel
def add_base(volume: Any, base: Any, out: Any, first: int, last: int) -> None:
    """Fill in slices by the filters along z; ``out`` is (slices, factor, planes, pixels)."""
    slices, factor, _, width = out.shape
    for z in range(slices):
        for plane in range(first, last):
            middle = volume[z + PAD_Z, plane]
            for phase in range(factor):
                row = out[z, phase, plane]
                for x in range(width):
                    row[x] = middle[x + PAD_X]
                for tap in range(BASE_TAPS):
                    weight = base[tap, phase]
                    other = volume[z + tap, plane]
                    for x in range(width):
                        row[x] += weight * (other[x + PAD_X] - middle[x + PAD_X])


@kernel
def gradients_of(volume: Any, plane: int) -> Any:
    """Products of central differences of a plane, for a row and two pixels more on each side."""
    slices, width = volume.shape[0] - 2 * PAD_Z, volume.shape[2] - 2 * PAD_X
    products = np.empty((3, slices + 2, width + 4), np.float32)
    for z in range(slices + 2):
        above = volume[z + PAD_Z - 2, plane]
        here = volume[z + PAD_Z - 1, plane]
        below = volume[z + PAD_Z, plane]
        for x in range(width + 4):
            at = x + PAD_X - 2
            along_z = below[at] - above[at]
            along_x = here[at + 1] - here[at - 1]
            products[0, z, x] = along_z * along_z
            products[1, z, x] = along_z * along_x
            products[2, z, x] = along_x * along_x
    return products


@kernel
def structure_at(products: Any, z: int, x: int) -> Any:
    """Direction from -0.5 to 0.5 of a half turn, strength in levels, and coherence from 0 to 1."""
    zz = zx = xx = 0.0
    for i in range(3):
        for j in range(5):
            weight = WEIGHTS_Z[i] * WEIGHTS_X[j]
            zz += weight * products[0, z + i, x + j]
            zx += weight * products[1, z + i, x + j]
            xx += weight * products[2, z + i, x + j]
    middle, half = (zz + xx) / 2, (zz - xx) / 2
    root = math.sqrt(half * half + zx * zx)
    major = math.sqrt(middle + root)
    minor = math.sqrt(max(0.0, middle - root))
    direction = 0.5 * math.atan2(2 * zx, zz - xx) / math.pi
    coherence = (major - minor) / (major + minor) if major > 0 else 0.0
    return direction, major, coherence


@kernel
def number_of(structure: Any, strengths: Any, coherences: Any) -> int:
    """Number of a structure among all."""
    direction, strength, coherence = structure
    angle = min(int((direction + 0.5) * ANGLES), ANGLES - 1)
    strong = coherent = 0
    for i in range(STRENGTHS - 1):
        if strength >= strengths[i]:
            strong += 1
    for i in range(COHERENCES - 1):
        if coherence >= coherences[i]:
            coherent += 1
    return (angle * STRENGTHS + strong) * COHERENCES + coherent


@kernel
def add_structures(volume: Any, table: Any, out: Any, share: Any, first: int, last: int) -> None:
    """Add ``share`` times what the filters of the structures give to planes of the result."""
    slices, factor, _, width = out.shape
    sums = np.empty(factor, np.float32)
    for plane in range(first, last):
        products = gradients_of(volume, plane)
        for z in range(slices):
            for x in range(width):
                structure = structure_at(products, z, x)
                filters = table.filters[number_of(structure, table.strengths, table.coherences)]
                middle = volume[z + PAD_Z, plane, x + PAD_X]
                for phase in range(factor):
                    sums[phase] = 0
                for i in range(2 * RADIUS_Z + 1):
                    row = volume[z + PAD_Z - RADIUS_Z + i, plane]
                    for j in range(WIDTH):
                        value = row[x + j] - middle
                        for phase in range(factor):
                            sums[phase] += value * filters[i * WIDTH + j, phase]
                for phase in range(factor):
                    out[z, phase, plane, x] += share * sums[phase]


@kernel
def structures_of(volume: Any, step: int) -> Any:
    """Strength and coherence of every ``step``-th plane's pixels, (2, n)."""
    slices, width = volume.shape[0] - 2 * PAD_Z, volume.shape[2] - 2 * PAD_X
    planes = -(-volume.shape[1] // step)
    found = np.empty((2, planes * slices * width), np.float32)
    at = 0
    for plane in range(0, volume.shape[1], step):
        products = gradients_of(volume, plane)
        for z in range(slices):
            for x in range(width):
                _, found[0, at], found[1, at] = structure_at(products, z, x)
                at += 1
    return found


@kernel
def sum_base(volume: Any, target: Any, products: Any, targets: Any) -> None:
    """Add to the normal equations of the filters along z; ``target`` is shaped as a result."""
    slices, factor, planes, width = target.shape
    taps = np.empty(BASE_TAPS)
    for plane in range(planes):
        for z in range(slices):
            for x in range(width):
                middle = volume[z + PAD_Z, plane, x + PAD_X]
                for tap in range(BASE_TAPS):
                    taps[tap] = volume[z + tap, plane, x + PAD_X] - middle
                for a in range(BASE_TAPS):
                    for b in range(BASE_TAPS):
                        products[a, b] += taps[a] * taps[b]
                    for phase in range(factor):
                        targets[a, phase] += taps[a] * (target[z, phase, plane, x] - middle)


@kernel
def sum_structures(volume: Any, rest: Any, limits: Any, sums: Any) -> None:
    """Add to the normal equations of all structures; ``rest`` is what the base leaves over."""
    slices, factor, planes, width = rest.shape
    taps = np.empty(TAPS)
    for plane in range(planes):
        gradients = gradients_of(volume, plane)
        for z in range(slices):
            for x in range(width):
                number = number_of(structure_at(gradients, z, x), limits[0], limits[1])
                middle = volume[z + PAD_Z, plane, x + PAD_X]
                for i in range(2 * RADIUS_Z + 1):
                    for j in range(WIDTH):
                        other = volume[z + PAD_Z - RADIUS_Z + i, plane, x + j]
                        taps[i * WIDTH + j] = other - middle
                products, targets = sums.products[number], sums.targets[number]
                sums.counts[number] += 1
                for a in range(TAPS):
                    value = taps[a]
                    row = products[a]
                    for b in range(a, TAPS):
                        row[b] += value * taps[b]
                    for phase in range(factor):
                        targets[a, phase] += value * rest[z, phase, plane, x]
