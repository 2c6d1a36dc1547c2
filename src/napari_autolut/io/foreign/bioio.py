"""Images through bioio's readers: CZI, ND2, LIF and whatever else one is installed for.

Belongs here: from a ``BioImage`` to an ``ImageFile``, and what single readers get wrong. bioio is
in the extra ``bioio``; its readers are packages of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.io.foreign.planes import check_planes
from napari_autolut.io.foreign.scene import Scene
from napari_autolut.io.image_file import Channel, ImageFile, ImageFileError
from napari_autolut.io.tiff.ome import describe_ome
from napari_autolut.io.units import MICRONS, known_unit

AXES = "TCZYXS"
"""Axes that are kept; of others, such as the phases of a detector, the first entry is."""

UNSUPPORTED = "UnsupportedFileFormatError"
"""What bioio raises where no reader is installed for a file."""


def bioio_scenes(path: Path) -> list[Scene]:
    """Give the scenes of a file; none where bioio or a reader for it is not installed."""
    if find_spec("bioio") is None:
        return []
    check_planes(path)
    try:
        image = _opened(path)
    except Exception as error:
        if type(error).__name__ == UNSUPPORTED:
            return []
        raise
    scenes = []
    for index, name in enumerate(image.scenes):
        image.set_scene(index)
        array = _array(image)
        load = partial(_load, path, index)
        scenes.append(Scene(_lengths(array), np.dtype(array.dtype), str(name), load))
    return scenes


def _opened(path: Path) -> Any:
    return import_module("bioio").BioImage(str(path))


def _array(image: Any) -> Any:
    """The scene as an array with named axes, read where it is indexed."""
    try:
        return image.xarray_dask_data
    except ValueError:  # bioio names one channel where the reader names none of several
        return image.reader.xarray_dask_data


def _lengths(array: Any) -> dict[str, int]:
    """Length of each axis, without those of one entry, which bioio adds."""
    every = zip(array.dims, array.shape, strict=True)
    return {a: int(n) for a, n in every if a in "YXS" or (n > 1 and a in AXES)}


def _load(path: Path, index: int) -> ImageFile:
    image = _opened(path)
    image.set_scene(index)
    array = _array(image)
    lengths = _lengths(array)
    if not all(lengths.values()):
        raise ImageFileError(path, "found an image without pixels; the file is not complete")
    given = image.reader.dims
    lost = [axis for axis in given.order if axis not in f"{AXES}M" and given[axis][0] > 1]
    sizes, unit = _sizes(image, lengths)
    plain = ImageFile(
        _pixels(image, array, lengths), "".join(lengths), sizes, unit, name=str(image.scenes[index])
    )
    words = tuple(f"all but the first of its {given[axis][0]} images along {axis}" for axis in lost)
    if "T" in lengths and "T" not in sizes and _is_read_by(image, "bioio_lif"):
        seconds = float(array.coords["T"][1]) if "T" in array.coords else 0.0
        plain = replace(plain, pixel_size={**sizes, "T": seconds} if seconds > 0 else sizes)
    return replace(plain, not_kept=(*words, *_lost_scenes(path, image)), **_described(image, plain))


def _pixels(image: Any, array: Any, lengths: Mapping[str, int]) -> Any:
    pixels = array.data[tuple(slice(None) if axis in lengths else 0 for axis in array.dims)]
    if "S" not in lengths:
        return pixels
    if pixels.chunks[-1] != (lengths["S"],):  # bioio-czi 3.0 gives red for all three
        pixels = _by_plane(image, array, lengths)
    # Zeiss stores blue first, and bioio-czi hands that on.
    return pixels[..., ::-1] if _is_read_by(image, "bioio_czi") else pixels


def _is_read_by(image: Any, package: str) -> bool:
    return type(image.reader).__module__.startswith(package)


def _by_plane(image: Any, array: Any, lengths: Mapping[str, int]) -> Any:
    """The scene as bioio reads it plane by plane, all colours of a plane together."""
    import dask.array as da

    lead = [axis for axis in array.dims if axis in lengths and axis not in "YXS"]

    def plane(block_info: Any = None) -> Any:
        at = {a: block_info[None]["chunk-location"][n] for n, a in enumerate(lead)}
        found = np.asarray(image.get_image_data("YXS", **at))
        return found.reshape((1,) * len(lead) + found.shape)

    chunks = [(1,) * lengths[axis] for axis in lead] + [(lengths[axis],) for axis in "YXS"]
    return da.map_blocks(plane, chunks=chunks, dtype=array.dtype, meta=np.empty((), array.dtype))


def _lost_scenes(path: Path, image: Any) -> tuple[str, ...]:
    """What bioio-czi does not see: scenes that the file does not name."""
    if not _is_read_by(image, "bioio_czi") or len(image.scenes) > 1:
        return ()
    if find_spec("aicspylibczi") is None:
        return ()
    shapes = import_module("aicspylibczi").CziFile(str(path)).get_dims_shape()
    count = max((each["S"][1] for each in shapes if "S" in each), default=1)
    return (f"{count - 1} of its {count} scenes, which have no names",) if count > 1 else ()


def _described(image: Any, plain: ImageFile) -> dict[str, Any]:
    """Channels, and what else the reader can say in OME's words."""
    count = plain.lengths.get("C", 1)
    names = [str(name) for name in image.channel_names or ()] if count > 1 else []
    fields = {"channels": tuple(Channel(name) for name in names) if len(names) == count else ()}
    try:
        ome = describe_ome(image.ome_metadata.to_xml(), image.current_scene_index)
    except Exception:  # noqa: BLE001 - others' code; without OME's words the rest is read
        return fields
    if len(ome.get("channels", ())) != count or ome.get("unit") != plain.unit:
        return fields
    keys = ("channels", "metadata", "flavour", "origin")
    kept = {key: ome[key] for key in keys if key in ome}
    interval = ome["pixel_size"].get("T")
    if "T" in plain.axes and interval and "T" not in plain.pixel_size:
        kept["pixel_size"] = {**plain.pixel_size, "T": interval}
    return kept


def _sizes(image: Any, lengths: Mapping[str, int]) -> tuple[dict[str, float], str | None]:
    """Pixel sizes in micrometres and seconds; bioio's lengths are micrometres but where it says."""
    given = image.physical_pixel_sizes
    units = getattr(image, "dimension_properties", None)
    sizes: dict[str, float] = {}
    for axis in "ZYX":
        size = getattr(given, axis, None)
        if axis in lengths and size:
            unit = getattr(getattr(units, axis, None), "unit", None)
            sizes[axis] = abs(float(size)) * _microns(unit)
    found = "µm" if sizes else None
    interval = getattr(image, "time_interval", None)
    interval = interval or getattr(image.reader, "timelapse_interval", None)
    if "T" in lengths and interval:
        seconds = getattr(interval, "total_seconds", lambda: float(interval))()
        sizes["T"] = float(seconds)
    return sizes, found


def _microns(unit: Any) -> float:
    """Micrometres of a unit by its name, such as pint's; 1 where none is said."""
    ours, factor = known_unit(unit)
    return MICRONS[ours] * factor if ours is not None else 1.0
