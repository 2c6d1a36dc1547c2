"""What single readers of bioio get wrong or leave out, and how it is put right.

Belongs here: colours of CZI, lengths and times of LIF, wavelengths of DeltaVision, YAML of
SlideBook. What is alike for all readers is ``bioio.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from napari_autolut.io.image_file import Channel, ImageFileError
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
        if YAML_TAG.search(each.read_bytes()):
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


def plain_channels(image: Any, count: int) -> tuple[Channel, ...]:
    """Names of the channels as far as the file has them, and wavelengths of DeltaVision."""
    names = [str(name) for name in image.channel_names or ()]
    names = ["" if INVENTED_NAME.fullmatch(name) else name for name in names]
    waves: list[float | None] = [None] * count
    if is_read_by(image, "bioio_dv"):
        header = image.metadata["header"]
        waves = [float(header.get(f"wave{n + 1}") or 0) or None for n in range(count)]
    if len(names) != count or not any([*names, *waves]):
        return ()
    return tuple(Channel(name, emission=wave) for name, wave in zip(names, waves, strict=True))


def lost_scenes(path: Path, image: Any) -> tuple[str, ...]:
    """What bioio-czi does not see: scenes that the file does not name."""
    if not is_read_by(image, "bioio_czi") or len(image.scenes) > 1:
        return ()
    if find_spec("aicspylibczi") is None:
        return ()
    shapes = import_module("aicspylibczi").CziFile(str(path)).get_dims_shape()
    count = max((each["S"][1] for each in shapes if "S" in each), default=1)
    return (f"{count - 1} of its {count} scenes, which have no names",) if count > 1 else ()
