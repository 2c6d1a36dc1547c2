"""What is settled for a whole image before a voxel is computed, and the walk over its parts.

Belongs here: the table of each channel, learned or given, and results in memory or lazy. The public
functions are ``arrays.py``, what a part becomes is ``interpolation.py``.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import Progress, Steps, ValueRange, is_dask, one_of_several
from napari_autolut.engine.threads import thread_count
from napari_autolut.isotropic.blur import EITHER, PSF, AxialBlur, asked_blur
from napari_autolut.isotropic.choosing import learned_steps
from napari_autolut.isotropic.interpolation import Interpolation, Slab
from napari_autolut.isotropic.sampling import Sampling, Spacing, sampling_of
from napari_autolut.isotropic.stack import Stack, sample_of
from napari_autolut.isotropic.table import AxialTable, cubic_table
from napari_autolut.isotropic.table_file import load_axial_tables
from napari_autolut.util.boxes import whole
from napari_autolut.util.text import counted

Tables = str | os.PathLike[str] | AxialTable | Sequence[AxialTable] | None
"""A file of tables, or tables: one for all channels or one for each."""


@dataclass(frozen=True)
class IsotropicPlan:
    """All that is settled for an image: its axes, and what is done to each channel.

    Parameters
    ----------
    stack : Stack
        The image.
    interpolations : tuple of Interpolation
        One for each channel.
    given : str, path, AxialTable or sequence of AxialTable, optional
        The tables that were learned before; None where they were learned on the image.
    psf : "either", "area", "planes", "auto", float or AxialBlur, default "either"
        The axial blur that was asked for.
    """

    stack: Stack
    interpolations: tuple[Interpolation, ...]
    given: Tables = None
    psf: PSF = EITHER

    @property
    def tables(self) -> tuple[AxialTable, ...]:
        """The table of each channel."""
        return tuple(each.table for each in self.interpolations)

    @property
    def sampling(self) -> Sampling:
        """Slices before and after."""
        return self.interpolations[0].sampling

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the result, slices, rows and columns last."""
        shape = tuple(self.stack.array.shape)
        return (*shape[:-3], self.sampling.result_slices, *shape[-2:])

    def slabs(self) -> list[Slab]:
        """How each volume is cut."""
        array = self.stack.array
        rows, columns = array.shape[-2:]
        cut = self.interpolations[0].slabs
        return list(cut(whole((rows, columns)), (rows, columns), np.dtype(array.dtype)))

    def compute(self, volume: tuple[int, ...], slab: Slab, threads: int) -> NDArray[Any]:
        """Read and compute a part of a volume."""
        interpolation = self.interpolations[self.stack.channel_of(volume)]
        pixels = np.asarray(self.stack.array[(*volume, *slab.cut)])
        return interpolation.compute(pixels, slab, threads)

    def steps(self) -> Steps:
        """Compute all of it; yields after every part, and returns an array of the image's axes."""
        slabs, volumes = self.slabs(), self.stack.volumes
        result = np.empty(self.shape, self.stack.array.dtype)
        done, total = 0, len(slabs) * len(volumes)
        for volume in volumes:
            for slab in slabs:
                part = self.compute(volume, slab, thread_count())
                index: Any = (*volume, *slab.target)
                result[index] = part
                done += 1
                yield Progress(done, total)
        return np.ascontiguousarray(self.stack.back(result))

    def lazily(self) -> Any:
        """A dask array of the image's axes that is computed part by part when it is looked at."""
        import dask.array as da
        from dask.delayed import delayed

        array, slabs = self.stack.array, self.slabs()
        if not is_dask(array):
            array = da.from_array(array, chunks=(*(1,) * (array.ndim - 3), *array.shape[-3:]))
        dtype = np.dtype(array.dtype).newbyteorder("=")
        work = delayed(_computed)
        tables = [delayed(each, traverse=False) for each in self.interpolations]
        volumes = np.empty(array.shape[:-3], object)
        for volume in self.stack.volumes:
            rows: dict[int, list[Any]] = {}
            table = tables[self.stack.channel_of(volume)]
            for slab in slabs:
                height, width = (cut.stop - cut.start for cut in slab.box.slices)
                source = array[(*volume, *slab.cut)].rechunk(-1)
                part = work(source, table, slab)
                shape = (self.sampling.result_slices, height, width)
                block = da.from_delayed(part, shape, dtype=dtype)
                rows.setdefault(slab.box.top, []).append(block)
            volumes[volume] = da.block([list(row) for row in rows.values()])
        return self.stack.back(_stacked(volumes)).astype(array.dtype)


def _stacked(volumes: Any) -> Any:
    """Join arrays of volumes along leading axes."""
    import dask.array as da

    if volumes.ndim == 0:
        return volumes.item()
    return da.stack([_stacked(each) if isinstance(each, np.ndarray) else each for each in volumes])


def _computed(pixels: NDArray[Any], interpolation: Interpolation, slab: Slab) -> NDArray[Any]:
    # Dask computes several parts at once; more threads inside each would only queue.
    return interpolation.compute(np.asarray(pixels), slab, 1)


def plan_steps(
    stack: Stack,
    spacing: Spacing | None,
    psf: PSF = EITHER,
    *,
    table: Tables = None,
    value_range: ValueRange = None,
) -> Generator[Progress, None, IsotropicPlan]:
    """Learn, or take, the table of each channel, in steps that can be watched and stopped.

    Parameters
    ----------
    stack : Stack
        The image.
    spacing : tuple of float or float
        Distances (z, y, x).
    psf : "either", "area", "planes", "auto", float or AxialBlur, default "either"
        The axial blur.
    table : str, path, AxialTable or sequence of AxialTable, optional
        Learned before.
    value_range : "auto", "dtype" or tuple of float, optional
        Of each channel.

    Returns
    -------
    IsotropicPlan
        What then only has to be computed.

    Yields
    ------
    Progress
        Of all channels together.

    Raises
    ------
    ValueError, ModelFileError
        As :func:`make_isotropic`.
    """
    sampling = sampling_of(int(stack.array.shape[-3]), spacing)
    asked, given = asked_blur(psf), _given(table, stack.channels, sampling)
    blur = asked if isinstance(asked, AxialBlur) else None
    interpolations = []
    for channel in range(stack.channels):
        sample = sample_of(stack, channel, value_range)
        found: AxialTable | None = given[channel]
        if found is None and (sample.limits.is_flat or np.ptp(sample.slices) == 0):
            found = cubic_table(sampling.whole, blur, "the stack has one grey level")
        if found is None:
            steps = learned_steps(sample, sampling, asked)
            found = yield from one_of_several(steps, channel, stack.channels)
        interpolations.append(Interpolation(found, sample.limits, sampling))
    return IsotropicPlan(stack, tuple(interpolations), table, psf)


def _given(table: Tables, channels: int, sampling: Sampling) -> list[AxialTable | None]:
    """The table that is given for each channel."""
    if table is None:
        return [None] * channels
    tables = given_tables(table)
    if len(tables) not in (1, channels):
        raise ValueError(
            f"table: found tables of {counted(len(tables), 'channel')}, expected one or "
            f"{channels}, as the stack has; learn a new table"
        )
    for each in tables:
        if each.factor != sampling.whole:
            raise ValueError(
                f"table: found one that makes {each.factor} slices of each, expected "
                f"{sampling.whole} for slices {sampling.factor:.3g} pixels apart; learn a new table"
            )
    return [*tables] * channels if len(tables) == 1 else [*tables]


def given_tables(table: Tables) -> list[AxialTable]:
    """Tables as they were given: of a file, one or several.

    Raises
    ------
    TypeError, ModelFileError
        If there are none.
    """
    if isinstance(table, AxialTable):
        return [table]
    if isinstance(table, (str, os.PathLike)):
        return [*load_axial_tables(table)]
    if isinstance(table, Sequence) and all(isinstance(each, AxialTable) for each in table):
        return [*table]
    raise TypeError(f"table: found {table!r}, expected a file, an AxialTable or several")
