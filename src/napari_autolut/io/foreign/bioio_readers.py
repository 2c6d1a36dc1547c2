"""What single readers of bioio get wrong or leave out, and how it is put right.

Belongs here: colours and channels of CZI, lengths and times of LIF, wavelengths of DeltaVision,
YAML of SlideBook. What is alike for all readers is ``bioio.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.io.image_file import Channel, ImageFileError
from napari_autolut.io.tiff.numbers import finite, positive
from napari_autolut.io.units import MICRONS_PER_INCH

INVENTED_NAME = re.compile(r"(?:Channel:\d+(?::\d+)?|\d+)")
"""What readers call channels that their files do not name."""

YAML_TAG = re.compile(rb"(?:^|[\s\[{,:-])!|^%", re.MULTILINE)
"""What may name a type of Python, of which an object is made; SlideBook writes none."""


def check_yaml(path: Path) -> None:
    """Refuse a SlideBook folder whose YAML could start programs: bioio-sldy reads all types.

    Raises
    ------
    ImageFileError
        With the name of the file.
    """
    if path.suffix.lower() != ".sldy":
        return
    for each in sorted(path.with_suffix(".dir").glob("*.imgdir/*.yaml")):
        if not each.is_file() or YAML_TAG.search(each.read_bytes()):
            problem = f"its {each.name} asks for objects of Python, which could start programs"
            raise ImageFileError(path, f"{problem}; export OME-TIFF from SlideBook instead")


def is_read_by(image: Any, package: str) -> bool:
    """Whether the reader of a BioImage is that package's."""
    return type(image.reader).__module__.startswith(package)


def right_colours(image: Any, pixels: Any) -> Any:
    """Put red first: Zeiss stores blue first, and bioio-czi hands that on."""
    return pixels[..., ::-1] if is_read_by(image, "bioio_czi") else pixels


def right_units(image: Any, sizes: Mapping[str, float]) -> dict[str, float]:
    """Convert the inches of some LIF files, which bioio-lif takes for micrometres."""
    if not is_read_by(image, "bioio_lif"):
        return dict(sizes)
    every = image.metadata.findall(".//Data/Image")
    at = image.current_scene_index
    inches = {
        "_XYZ"[int(each.get("DimID"))]
        for element in (every[at : at + 1] if len(every) == len(image.scenes) else every)
        for each in element.iter("DimensionDescription")
        if each.get("Unit") == "inch" and each.get("DimID") in ("1", "2", "3")
    }
    return {a: size * MICRONS_PER_INCH if a in inches else size for a, size in sizes.items()}


def times_of_leica(image: Any, array: Any) -> float:
    """Seconds between the frames of a LIF; 0 where it is another file or nothing is said."""
    known = is_read_by(image, "bioio_lif") and "T" in array.coords and len(array.coords["T"]) > 1
    return max(0.0, float(array.coords["T"][1])) if known else 0.0


def tiles_of_leica(image: Any) -> Sequence[int | None]:
    """Numbers of the tiles of a mosaic, each an image: how they overlap only LAS X knows.

    bioio-lif would lay them side by side whatever their places. What is no mosaic has none.
    """
    dims = image.reader.dims
    if not is_read_by(image, "bioio_lif") or "M" not in dims.order or dims["M"][0] < 2:
        return (None,)
    return range(dims["M"][0])


def place_of_tile(image: Any, tile: int) -> dict[str, float]:
    """Where the stage was for a tile of a mosaic, in micrometres as LAS X says it."""
    scan = image.metadata.findall(".//Data/Image")[image.current_scene_index].findall(
        "./Attachment[@Name='TileScanInfo']/Tile"
    )
    said = {axis: finite(scan[tile].get(f"Pos{axis}")) for axis in "XYZ"} if scan else {}
    return {axis: metres * 1e6 for axis, metres in said.items() if metres is not None}


def plain_channels(image: Any, count: int) -> tuple[Channel, ...]:
    """Channels as far as the file says: names, wavelengths of DeltaVision, colours of CZI."""
    names = [str(name) for name in image.channel_names or ()]
    names = ["" if INVENTED_NAME.fullmatch(name) else name for name in names]
    channels = [Channel()] * count
    if is_read_by(image, "bioio_dv"):
        header = image.metadata["header"]
        waves = (float(header.get(f"wave{n + 1}") or 0) or None for n in range(count))
        channels = [Channel(emission=wave) for wave in waves]
    elif is_read_by(image, "bioio_czi"):
        channels = _channels_of_czi(image, count)
    if len(names) == count:
        channels = [replace(each, name=name) for each, name in zip(channels, names, strict=True)]
    return tuple(channels) if any(each != Channel() for each in channels) else ()


def _channels_of_czi(image: Any, count: int) -> list[Channel]:
    """What Zeiss's programs say of channels: how they are shown, and their light."""
    said = image.metadata.findall(".//Information/Image/Dimensions/Channels/Channel")
    if len(said) != count:
        return [Channel()] * count
    displays = image.metadata.findall(".//DisplaySetting/Channels/Channel")
    shown = {each.get("Id"): each for each in displays}
    top = np.iinfo(image.dtype).max if image.dtype.kind == "u" else 0
    return [_channel_of_czi(each, shown.get(each.get("Id")), top) for each in said]


def _channel_of_czi(said: Any, display: Any, top: int) -> Channel:
    """Colours are #AARRGGBB; ends of windows shares of the largest value."""
    emission, excitation = (
        positive(said.findtext(f"{kind}Wavelength")) or None for kind in ("Emission", "Excitation")
    )
    if display is None:
        return Channel(emission=emission, excitation=excitation)
    ends = [finite(display.findtext(end)) for end in ("Low", "High")]
    low, high = (top * end if end is not None else 0.0 for end in ends)
    colour = re.fullmatch("#(?:[0-9A-F]{2})?([0-9A-F]{6})", str(display.findtext("Color")).upper())
    return Channel(
        colour=colour[1] if colour else None,
        window=(low, high) if 0 < high - low < top else None,  # all values: nobody has set it
        emission=emission,
        excitation=excitation,
        shown=display.findtext("IsSelected") != "false",
    )


def number_scenes(path: Path, image: Any) -> None:
    """Let bioio-czi see the scenes of a file that names none: it takes them for one."""
    if not is_read_by(image, "bioio_czi") or len(image.scenes) > 1:
        return
    if find_spec("aicspylibczi") is None:
        return
    shapes = import_module("aicspylibczi").CziFile(str(path)).get_dims_shape()
    spans = [each["S"] for each in shapes if "S" in each]
    count = max(stop for _, stop in spans) - min(start for start, _ in spans) if spans else 1
    if count > 1:
        reader = getattr(image.reader, "_implementation", image.reader)
        reader._scenes = tuple(f"Scene {number}" for number in range(count))
