"""A fluorescence microscope that is computed: cells in two colours, blurred, counted and read out.

Belongs here: the physics of the sample stacks, from molecules to grey levels; plain numpy. They are
computed so that they are free, and the truth behind the noise is known.

A point spread function blurs (a Gaussian, longer along z), and photons arrive by chance (Poisson).
The camera adds read noise, a gain and an offset (EMVA standard 1288, release 4.0, section 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

PIXEL = 0.1
"""Micrometres between the voxels of the scene, along every axis."""

CELLS = ((0.30, 0.28), (0.33, 0.72), (0.72, 0.34), (0.74, 0.77))
"""Middles of the cells, as fractions of rows and columns."""

FILAMENTS, FILAMENT_STEPS = 26, 300
"""Filaments of a cell, and voxels along each."""

Volume = NDArray[np.float32]


@dataclass(frozen=True)
class Camera:
    """What becomes of photons.

    Parameters
    ----------
    gain : float
        Grey levels per photon.
    offset : float
        Grey level without light.
    read_noise : float
        Standard deviation in photons.
    """

    gain: float = 4.6
    offset: float = 100.0
    read_noise: float = 1.4

    def read(self, photons: Volume, rng: np.random.Generator) -> NDArray[np.uint16]:
        """Count photons whose expected numbers are given, and give grey levels."""
        counted = rng.poisson(photons) + rng.normal(0.0, self.read_noise, photons.shape)
        levels = np.rint(self.gain * counted + self.offset)
        return np.clip(levels, 0, np.iinfo(np.uint16).max).astype(np.uint16)


@dataclass(frozen=True)
class Microscope:
    """How a scene is looked at.

    Parameters
    ----------
    photons : float
        Expected number in the brightest voxels.
    background : float
        Expected number where nothing is.
    blur : tuple of float, shape (2,), micrometres
        Standard deviations of the point spread function along z and in the plane.
    z_step : int
        Voxels of the scene between two slices.
    camera : Camera
        What counts the photons.
    """

    photons: float
    background: float
    blur: tuple[float, float] = (0.30, 0.11)
    z_step: int = 3
    camera: Camera = Camera()

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Micrometres between voxels of the stack along z, y and x."""
        return self.z_step * PIXEL, PIXEL, PIXEL

    def expected(self, scene: Volume) -> Volume:
        """Give the expected number of photons of every voxel of the stack."""
        axial, lateral = (sigma / PIXEL for sigma in self.blur)
        blurred = gaussian_filter(scene, (axial, lateral, lateral), mode="nearest", truncate=3.0)
        slices = blurred[self.z_step // 2 :: self.z_step]
        brightest = np.quantile(slices, 0.999)
        photons: Volume = slices / brightest * self.photons + self.background
        return photons

    def record(self, scene: Volume, seed: int = 0) -> NDArray[np.uint16]:
        """Record a stack, shape (Z, Y, X)."""
        return self.camera.read(self.expected(scene), np.random.default_rng(seed))


def nuclei(shape: tuple[int, int, int]) -> Volume:
    """Nuclei of some cells: ellipsoids with denser and thinner places.

    Parameters
    ----------
    shape : tuple of int
        Voxels along z, y and x, each an even number.

    Returns
    -------
    numpy.ndarray of float32
        Density of the dye, 0 outside.
    """
    rng = np.random.default_rng(1)
    z, y, x = np.ogrid[tuple(slice(n) for n in shape)]
    inside = np.zeros(shape, np.float32)
    for row, column in CELLS:
        turn = rng.uniform(0, np.pi)
        radii = rng.uniform(0.9, 1.1, 3) * (0.34 * shape[0], 0.11 * shape[1], 0.15 * shape[2])
        dy, dx = y - row * shape[1], x - column * shape[2]
        along, across = dy * np.cos(turn) + dx * np.sin(turn), dx * np.cos(turn) - dy * np.sin(turn)
        distance = ((z - 0.45 * shape[0]) / radii[0]) ** 2
        distance = distance + (along / radii[1]) ** 2 + (across / radii[2]) ** 2
        inside = np.maximum(inside, (distance < 1).astype(np.float32))
    small = tuple(n // 2 for n in shape)
    grain, coarse = (
        gaussian_filter(rng.normal(size=small).astype(np.float32), sigma) for sigma in (1.25, 3.0)
    )
    texture = _doubled(1 + 0.35 * grain / grain.std() + 0.2 * coarse / coarse.std())
    density: Volume = inside * np.maximum(texture, 0.1)
    return density


def filaments(shape: tuple[int, int, int]) -> Volume:
    """Filaments that start around each nucleus and wander through the cell.

    Parameters
    ----------
    shape : tuple of int
        Voxels along z, y and x, each an even number.

    Returns
    -------
    numpy.ndarray of float32
        Density of the dye: a thin haze of free molecules, and the filaments in it.
    """
    rng = np.random.default_rng(2)
    density = np.zeros(shape, np.float32)
    size = np.array(shape)
    for row, column in CELLS:
        middle = np.array([0.45, row, column]) * size
        heading = rng.uniform(0, 2 * np.pi, FILAMENTS)
        start = np.stack([rng.normal(0, 0.12, FILAMENTS), np.sin(heading), np.cos(heading)], 1)
        place = middle + start * (size[0], 0.12 * size[1], 0.15 * size[2])
        rise = rng.normal(0, 0.05, FILAMENTS)
        for _ in range(FILAMENT_STEPS):
            heading = heading + rng.normal(0, 0.06, FILAMENTS)
            rise = 0.95 * rise + rng.normal(0, 0.02, FILAMENTS)
            place = place + np.stack([rise, np.sin(heading), np.cos(heading)], 1)
            voxels = np.rint(place).astype(int)
            voxels = voxels[((voxels >= 0) & (voxels < size)).all(1)]
            np.add.at(density, tuple(voxels.T), 1.0)
    halves = density.reshape([part for n in shape for part in (n // 2, 2)])
    haze = gaussian_filter(halves.mean((1, 3, 5)), (3, 6, 6), truncate=2.5)
    result: Volume = density + 2.0 * _doubled(haze)
    return result


def _doubled(volume: Volume) -> Volume:
    """Each voxel as two along every axis."""
    for axis in range(3):
        volume = np.repeat(volume, 2, axis)
    return volume
