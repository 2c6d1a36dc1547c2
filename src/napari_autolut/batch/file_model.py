"""Which model enlarges a file: the one that is named, or the one that its image asks for.

Belongs here: from a file to a loaded model. The rules are ``arrays.model_choice``.
"""

from __future__ import annotations

from pathlib import Path

from napari_autolut.arrays import AUTO, Axes, ModelLike, choose_model_for
from napari_autolut.io import ImageFile, chosen_series, list_series, read_image
from napari_autolut.io.units import in_microns
from napari_autolut.model import LutModel
from napari_autolut.storage import load_model
from napari_autolut.storage.catalogue import load_model_of_scale
from napari_autolut.util.grid import Scale

SAMPLED_BYTES = 2**26
"""Pixels of more bytes than this stay in the file while a model is chosen, where they can."""


def model_of_file(
    model: ModelLike | None,
    source: Path,
    *,
    series: int | None = None,
    scale: Scale | None = None,
) -> tuple[LutModel, str]:
    """Load a model, chosen by a file's image where the name is ``"auto"``.

    Parameters
    ----------
    model : str, os.PathLike or LutModel
        As for :func:`~napari_autolut.upscale`.
    source : pathlib.Path
        The file.
    series : int, optional
        Which image of it; by default the first that is one.
    scale : float, optional
        How many times as large the result is to be.

    Returns
    -------
    model : LutModel
        The model.
    reason : str
        Why it was chosen; empty where it was named.

    Raises
    ------
    UnknownModelError, ModelFileError
        If there is no such model.
    ValueError
        If the model does not serve the scale.
    """
    if not (isinstance(model, str) and model == AUTO):
        return load_model_of_scale(model, scale), ""
    number = chosen_series(source, list_series(source), series)[0].index
    image = read_image(source, series=number, memmap_above=SAMPLED_BYTES)
    channel = image.axes.find("C") if "C" in image.axes else None
    axes = Axes(image.spatial_axes, image.rgb, channel)
    choice = choose_model_for(image.data, axes, scale=scale, pixel_size=_pixel_size(image))
    return load_model(choice.name), choice.reason


def _pixel_size(image: ImageFile) -> float | None:
    """Micrometres between columns, where the file says."""
    return in_microns(image.pixel_size.get("X"), image.unit)
