"""``napari-autolut upscale``: enlarge a file, or the images of a folder.

Belongs here: the command's options. The work, its progress bar and its result lines are in
``upscale_files.py``, which is imported when the command runs, so that ``--help`` is quick.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from napari_autolut.cli.command_group import SOME_FAILED
from napari_autolut.cli.options import (
    EngineName,
    EngineOption,
    ImageArgument,
    ModelOption,
    OverwriteOption,
    ResultArgument,
    SeriesOption,
    SuffixOption,
    ZarrOption,
    ZarrVersion,
    is_folder,
    number_option,
)


class NoiseName(StrEnum):
    """What can be said of an image's noise."""

    auto = "auto"
    none = "none"


class ColourName(StrEnum):
    """How colours are enlarged."""

    auto = "auto"
    luma = "luma"
    channels = "channels"


class RangeFrom(StrEnum):
    """What a range of a folder's files is taken from."""

    each = "each"
    all = "all"


ScaleOption = Annotated[
    float | None,
    number_option(
        "R", "How many times as large, 1 to 8, such as 2.5; by default what the model does."
    ),
]
RangeOption = Annotated[
    str | None,
    typer.Option(
        metavar="dtype|data|LO,HI",
        help="Pixel values of black and white: the type's, minimum and maximum (data), or two "
        "numbers. By default the type's for 8 bits, else percentiles 0.1 and 99.9 of each channel.",
    ),
]
RangeFromOption = Annotated[
    RangeFrom,
    typer.Option(
        help="Of a folder: a range for each file, or one for all files (of each channel)."
    ),
]
NoiseOption = Annotated[
    NoiseName,
    typer.Option(help="For models that know of noise (micro-*): find it, or take none."),
]
ColourOption = Annotated[
    ColourName,
    typer.Option(
        help="Of RGB: through luma (quicker), each channel, or luma for photographs (auto)."
    ),
]
ErrorOption = Annotated[
    bool,
    typer.Option(
        "--expected-error",
        help="Also write OUT_error.tif: for each pixel the error, in the units of the image, that "
        "nine of ten such pixels stay below.",
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Compute on the dask cluster of this scheduler (needs dask.distributed).",
    ),
]


def upscale(
    source: ImageArgument,
    out: ResultArgument,
    model: ModelOption = None,
    scale: ScaleOption = None,
    overwrite: OverwriteOption = False,
    value_range: RangeOption = None,
    range_from: RangeFromOption = RangeFrom.each,
    suffix: SuffixOption = None,
    series: SeriesOption = None,
    noise: NoiseOption = NoiseName.auto,
    colour: ColourOption = ColourName.channels,
    engine: EngineOption = EngineName.auto,
    zarr_version: ZarrOption = ZarrVersion.new,
    expected_error: ErrorOption = False,
    scheduler: SchedulerOption = None,
) -> None:
    """Enlarge an image file, or all images in a folder and its sub-folders.

    A TIFF keeps its axes; its pixel size becomes smaller, so that its physical size stays. A file
    of a folder that fails, or a damaged image of a Zarr, does not stop the others; the exit status
    is then 1.
    """
    from napari_autolut.batch import FileOptions, UpscaleOptions
    from napari_autolut.cli.upscale_files import (
        Settings,
        parsed_range,
        upscale_file,
        upscale_folder,
    )
    from napari_autolut.util.grid import checked_scale

    how = UpscaleOptions(
        parsed_range(value_range),
        None if scale is None else checked_scale(scale),
        noise="auto" if noise == NoiseName.auto else None,
        colour=colour.value,
    )
    settings = Settings(
        how,
        engine,
        FileOptions(series, zarr_version, overwrite),
        scheduler,
        range_from == RangeFrom.all,
        expected_error,
    )
    if is_folder(source, range_from=settings.range_from_all, suffix=suffix):
        whole = upscale_folder(source, out, model, settings, suffix=suffix)
    else:
        whole = upscale_file(source, out, model, settings)
    if not whole:
        raise typer.Exit(SOME_FAILED)
