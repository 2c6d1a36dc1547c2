"""Images through bioio's readers: CZI, ND2, LIF and whatever else one is installed for.

Belongs here: from a ``BioImage`` to an ``ImageFile``. What single readers get wrong is
``bioio_readers.py``. bioio is in the extra ``bioio``; its readers are packages of their own.
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

from napari_autolut.io.foreign.bioio_readers import (
    check_yaml,
    number_scenes,
    place_of_tile,
    plain_channels,
    right_colours,
    right_units,
    tiles_of_leica,
    times_of_leica,
)
from napari_autolut.io.foreign.declared_planes import check_planes
from napari_autolut.io.foreign.leica_colours import colour_scene
from napari_autolut.io.foreign.scene import Scene
from napari_autolut.io.image_file import ImageFile, ImageFileError
from napari_autolut.io.tiff.ome.reading import describe_ome
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
    check_yaml(path)
    try:
        image = _opened(path)
    except Exception as error:
        if type(error).__name__ == UNSUPPORTED:
            return []
        raise
    found: list[tuple[int, str, int | None, Any]] = []
    colours: list[tuple[int, Scene]] = []
    unread: dict[str, Exception] = {}
    package = type(image.reader).__module__.split(".")[0]
    for index, name in enumerate(map(str, image.scenes)):
        try:
            image.set_scene(index)
            found += [(index, name, tile, _array(image, tile)) for tile in tiles_of_leica(image)]
        except Exception as error:  # noqa: BLE001 - others' code; other scenes may be readable
            if package == "bioio_lif" and (scene := colour_scene(path, index, name)):
                colours.append((index, scene))
                continue
            unread[f"the scene {name}, which {package} cannot read"] = error
    if unread and not found and not colours:
        raise next(iter(unread.values()))
    others = [
        (index, Scene(_lengths(array), np.dtype(array.dtype), _tile_name(name, tile),
                      partial(_load, path, index, (*unread,), tile)))
        for index, name, tile, array in found
    ]  # fmt: skip
    return [scene for _, scene in sorted(others + colours, key=lambda each: each[0])]


def _tile_name(scene: str, tile: int | None) -> str:
    return scene if tile is None else f"{scene} tile {tile}"


def _opened(path: Path) -> Any:
    opened = import_module("bioio").BioImage
    try:  # by default some readers take a whole stack into memory for each of its planes
        image = opened(str(path), chunk_dims=["Y", "X", "S"])
    except TypeError:  # others know no such choice
        image = opened(str(path))
    number_scenes(path, image)
    return image


def _array(image: Any, tile: int | None) -> Any:
    """The scene, or a tile of it, as an array with named axes, read where it is indexed."""
    if tile is not None:
        return image.reader.xarray_dask_data.isel(M=tile)
    try:
        return image.xarray_dask_data
    except ValueError:  # bioio names one channel where the reader names none of several
        return image.reader.xarray_dask_data


def _lengths(array: Any) -> dict[str, int]:
    """Length of each axis, without those of one entry, which bioio adds."""
    every = zip(array.dims, array.shape, strict=True)
    return {a: int(n) for a, n in every if a in "YXS" or (n > 1 and a in AXES)}


def _load(path: Path, index: int, unread: tuple[str, ...], tile: int | None) -> ImageFile:
    image = _opened(path)
    image.set_scene(index)
    array = _array(image, tile)
    lengths = _lengths(array)
    if not all(lengths.values()):
        raise ImageFileError(path, "found an image without pixels; the file is not complete")
    given = image.reader.dims
    lost = [axis for axis in given.order if axis not in f"{AXES}M" and given[axis][0] > 1]
    words = tuple(f"all but the first of its {given[axis][0]} images along {axis}" for axis in lost)
    sizes, unit = _sizes(image, lengths)
    if "T" in lengths and "T" not in sizes and (seconds := times_of_leica(image, array)):
        sizes["T"] = seconds
    plain = ImageFile(
        _pixels(path, image, array, lengths),
        "".join(lengths),
        sizes,
        unit,
        name=_tile_name(str(image.scenes[index]), tile),
        not_kept=(*words, *unread),
        origin={} if tile is None else place_of_tile(image, tile),
    )
    return replace(plain, **_described(image, plain))


def _pixels(path: Path, image: Any, array: Any, lengths: Mapping[str, int]) -> Any:
    pixels = array.data[tuple(slice(None) if axis in lengths else 0 for axis in array.dims)]
    if "S" in lengths:
        if pixels.chunks[-1] != (lengths["S"],):  # bioio-czi 3.0 gives red for all three
            pixels = _by_plane(image, array, lengths)
        pixels = right_colours(image, pixels)

    def as_declared(block: Any) -> Any:
        if block.dtype.newbyteorder("=") == pixels.dtype.newbyteorder("="):
            return block
        problem = f"found a channel of {block.dtype} beside one of {pixels.dtype}"
        raise ImageFileError(path, f"{problem}; export each to a file of its own")

    return pixels.map_blocks(as_declared, dtype=pixels.dtype, meta=pixels._meta)


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


def _described(image: Any, plain: ImageFile) -> dict[str, Any]:
    """Channels, and what else the reader can say in OME's words."""
    count = plain.lengths.get("C", 1)
    fields = {"channels": plain_channels(image, count)}
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
    sizes = right_units(image, sizes)
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
