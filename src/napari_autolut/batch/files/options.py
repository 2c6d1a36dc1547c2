"""How files are read and written, and how their images are enlarged or denoised, as users ask.

Belongs here: these options as data. What they do is in the modules that take them.
"""

from __future__ import annotations

from dataclasses import dataclass

from napari_autolut.arrays import Colour, Noise
from napari_autolut.batch.files.ranges import FileRange
from napari_autolut.denoising import DenoisingModel, check_strength
from napari_autolut.noise import NoiseModel
from napari_autolut.util.grid import Scale


@dataclass(frozen=True)
class FileOptions:
    """Which image of a file is wanted, and how its result is written.

    Parameters
    ----------
    series : int, optional
        The one image of a file with several that is wanted; by default all but thumbnails, labels
        and overviews, as series of one TIFF.
    zarr_version : {"0.5", "0.4"}, default "0.5"
        Of OME-Zarr, where the result is one. It is written region by region, and what was killed
        is resumed where it was.
    overwrite : bool, default False
        Replace a result that exists.
    """

    series: int | None = None
    zarr_version: str = "0.5"
    overwrite: bool = False


NEW_FILES = FileOptions()
"""All images of a file, into one that does not exist yet."""


@dataclass(frozen=True)
class UpscaleOptions:
    """How images are enlarged, whatever the model; as :func:`~napari_autolut.upscale` takes it.

    Parameters
    ----------
    value_range : {"auto", "dtype", "data"}, tuple of float or SetRanges, optional
        Intensities that are the model's 0 and 255, of each channel; or those of a set of files.
    scale : float, optional
        How many times as large results are; by default what the model does.
    noise : "auto", None, NoiseModel or sequence of NoiseModel, default "auto"
        The noise of each channel, for models that know of noise.
    colour : {"channels", "luma", "auto"}, default "channels"
        What of colours goes through the tables.
    """

    value_range: FileRange = None
    scale: Scale | None = None
    noise: Noise = "auto"
    colour: Colour = "channels"


AS_FOUND = UpscaleOptions()
"""As large as the model makes images, in the range and with the noise that are found."""


@dataclass(frozen=True)
class DenoiseOptions:
    """How images are denoised.

    Parameters
    ----------
    noise : NoiseModel, optional
        Of all channels; by default it is found in each.
    strength : float, default 1.0
        Times the noise's standard deviation.
    model : str, os.PathLike, LutModel or sequence of them, optional
        As for :func:`napari_autolut.denoise`.

    Raises
    ------
    ValueError
        If it is none that a strength can be, before any image is looked at.
    """

    noise: NoiseModel | None = None
    strength: float = 1.0
    model: DenoisingModel | None = None

    def __post_init__(self) -> None:
        check_strength(self.strength)


FOUND_NOISE = DenoiseOptions()
"""The noise that is found in each image, by the best shipped tables."""
