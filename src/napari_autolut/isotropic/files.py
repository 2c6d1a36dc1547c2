"""One file with a stack in, one with more slices out.

Belongs here: axes and pixel sizes of a file, and what its result says of itself. What is computed
is ``plan.py``; results that are larger than memory are written by ``large_results.py``.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from napari_autolut.arrays import Progress
from napari_autolut.batch import UpscaledFile
from napari_autolut.batch.files import (
    LARGE,
    labels_beside_images,
    labels_to_be_kept,
    lazily,
    lost_words,
    series_note,
)
from napari_autolut.io import (
    TIFF_SUFFIXES,
    ImageFile,
    ImageFileError,
    ProcessingStep,
    check_holds_series,
    check_intensities,
    check_not_source,
    check_output_path,
    chosen_series,
    is_named_zarr,
    list_series,
    lost_with_planes,
    read_image,
    write_image,
)
from napari_autolut.isotropic.blur import EITHER, PSF, asked_blur
from napari_autolut.isotropic.file_sizes import NO_SIZE, isotropic_sizes, spacing_of
from napari_autolut.isotropic.large_results import write_tiff_tiles, write_zarr_regions
from napari_autolut.isotropic.plan import IsotropicPlan, Tables, given_tables, plan_steps
from napari_autolut.isotropic.record import record_of
from napari_autolut.isotropic.sampling import Spacing, checked_spacing
from napari_autolut.isotropic.stack import stack_of
from napari_autolut.isotropic.table import AxialTable
from napari_autolut.isotropic.table_file import (
    check_table_path,
    save_axial_tables,
    tables_digest,
)
from napari_autolut.util.text import printable


@dataclass(frozen=True)
class IsotropicFile(UpscaledFile):
    """What was made of a file.

    Parameters
    ----------
    tables : tuple of AxialTable
        What was used, for each channel.
    """

    tables: tuple[AxialTable, ...] = ()


@dataclass(frozen=True)
class FileOptions:
    """How stacks of files are made isotropic; as for :func:`~napari_autolut.make_isotropic`.

    Parameters
    ----------
    psf : "either", "area", "planes", "auto", float or AxialBlur, default "either"
        The axial blur.
    spacing : tuple of float or float, optional
        By default what the file says.
    table : path or sequence of AxialTable, optional
        Learned before.
    save_table : pathlib.Path, optional
        Where to keep what is learned.
    series : int, optional
        The one image of a file with several; by default the first.
    overwrite : bool, default False
        Replace files that exist.

    Raises
    ------
    ValueError
        If blur or spacing can be none, before any file is looked at.
    """

    psf: PSF = EITHER
    spacing: Spacing | None = None
    table: Tables = None
    save_table: Path | None = None
    series: int | None = None
    overwrite: bool = False

    def __post_init__(self) -> None:
        asked_blur(self.psf)
        if self.spacing is not None:
            checked_spacing(self.spacing)

    @property
    def request(self) -> ProcessingStep:
        """What is asked for, before a file is read; of a table that is given, the hash of it."""
        asked = "by the file" if self.spacing is None else str(self.spacing)
        if self.table is None:
            return ProcessingStep("isotropic", settings={"psf": str(self.psf), "spacing": asked})
        digest = tables_digest(given_tables(self.table))
        return ProcessingStep("isotropic", model_sha256=digest, settings={"spacing": asked})


def isotropic_file_steps(
    source: Path, out: Path, options: FileOptions
) -> Generator[Progress, None, IsotropicFile]:
    """Fill in the slices of a file's stack, in steps that can be watched and stopped.

    Parameters
    ----------
    source, out : pathlib.Path
        Image files; the second is written whole at the end, or not at all.
    options : FileOptions
        How.

    Returns
    -------
    IsotropicFile
        Closing the generator cancels.

    Yields
    ------
    Progress
        Of learning, then of the result.

    Raises
    ------
    ImageFileError
        If the source cannot be read, is no stack or says nothing of its spacing, or a file like
        ``out`` cannot hold the result.
    FileExistsError
        If ``out`` exists and is not to be replaced.
    ModelFileError
        If the table is no valid file.
    """
    check_not_source(source, out)
    check_output_path(out, overwrite=options.overwrite)
    if options.save_table is not None:
        check_table_path(options.save_table, overwrite=options.overwrite)
    listed = list_series(source)
    chosen = chosen_series(source, listed, options.series)[:1]
    image = read_image(source, series=chosen[0].index, memmap_above=LARGE / 4)
    check_intensities(source, labels_to_be_kept(source, image))
    check_holds_series(out, [image])
    with closing(_settled(source, image, options)) as learning:
        plan = yield from learning
    result = _expected(source, image, plan, options)
    if options.save_table is not None:
        save_axial_tables(plan.tables, options.save_table, overwrite=options.overwrite)
    if is_named_zarr(out):
        yield from write_zarr_regions(source, out, plan, result, overwrite=options.overwrite)
    elif result.data.nbytes > LARGE and out.suffix.lower() in TIFF_SUFFIXES:
        yield from write_tiff_tiles(out, plan, result, overwrite=options.overwrite)
    else:
        with closing(plan.steps()) as steps:
            data = yield from steps
        write_image(out, replace(result, data=data), overwrite=options.overwrite)
    words = "; ".join(dict.fromkeys(map(str, plan.tables)))
    beside = labels_beside_images(source, chosen, 1).left_out
    unknown = "" if "X" in result.pixel_size else NO_SIZE
    notes = [series_note(source, listed, chosen), lost_words(out, [result]), beside, unknown]
    note = "; ".join(filter(None, notes))
    return IsotropicFile(out, image.lengths, result.lengths, words, note, tables=plan.tables)


def _settled(
    source: Path, image: ImageFile, options: FileOptions
) -> Generator[Progress, None, IsotropicPlan]:
    axes = image.axes
    if "Z" not in axes:
        raise ImageFileError(source, f"found the axes {axes}, expected a stack with an axis Z")
    if axes.rstrip("S")[-2:] != "YX":
        raise ImageFileError(source, f"found the axes {axes}, expected rows and columns (YX) last")
    data = image.data if isinstance(image.data, np.ndarray) else lazily(image)
    channel = axes.index("C") if "C" in axes and not image.rgb else None
    try:
        stack = stack_of(data, axes.index("Z"), channel, rgb=image.rgb)
        steps = plan_steps(
            stack, spacing_of(image, options.spacing), options.psf, table=options.table
        )
        with closing(steps):
            return (yield from steps)
    except (TypeError, ValueError) as error:
        if isinstance(error, ImageFileError) or hasattr(error, "field"):
            raise
        raise ImageFileError(source, str(error)) from error


def _expected(
    source: Path, image: ImageFile, plan: IsotropicPlan, options: FileOptions
) -> ImageFile:
    """Describe the result, with shape and type but without the memory."""
    dtype, shape = image.data.dtype.newbyteorder("="), list(image.data.shape)
    shape[image.axes.index("Z")] = plan.sampling.result_slices
    sizes, origin = (
        isotropic_sizes(image, plan.sampling.factor, options.spacing),
        dict(image.origin),
    )
    if "Z" in sizes:
        factor, size = plan.sampling.exact_factor, sizes["Z"]
        sizes["Z"] = size / factor
        origin["Z"] = origin.get("Z", 0.0) + size * (1 - factor) / (2 * factor)
    found = record_of(plan, options.save_table)
    settings = {**options.request.settings, **found.pop("settings")}
    step = ProcessingStep("isotropic", **found, settings=settings, source=printable(source.name))
    data = np.broadcast_to(np.zeros((), dtype), shape)
    return replace(
        image,
        data=data,
        pixel_size=sizes,
        origin=origin,
        history=(*image.history, step),
        not_kept=(*image.not_kept, *lost_with_planes(image)),
    )
