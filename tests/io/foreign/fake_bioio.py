"""A reader in bioio's place. Belongs here: what it gives, and a file to give it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import dask.array as da
from xarray import DataArray

from tests.pictures import picture

DATA = picture((2, 3, 1, 8, 9), "uint16", top=4000)


class UnsupportedFileFormatError(Exception):
    """As bioio's, which is told by its name."""


class Dims(dict[str, tuple[int]]):
    """What the fake reader has: more axes than images have here."""

    order = "HTCZYX"

    def __missing__(self, axis: str) -> tuple[int]:
        return (4 if axis == "H" else 1,)


class FakeImage:
    """A BioImage of two scenes, with one size in nanometres; four phases of a detector are read."""

    channel_names = ("DAPI", "GFP", "RFP")
    physical_pixel_sizes = SimpleNamespace(Z=2.0, Y=0.5, X=250.0)
    dimension_properties = SimpleNamespace(
        X=SimpleNamespace(unit="nanometer"), Y=SimpleNamespace(unit=None)
    )
    time_interval = timedelta(seconds=1.5)
    scenes = ("first", "second")

    def __init__(self, path: str) -> None:
        if Path(path).read_bytes() == b"unknown":
            raise UnsupportedFileFormatError
        if Path(path).read_bytes() == b"damaged":
            raise ZeroDivisionError("bad header\nin two lines")
        self.current_scene_index = 0
        self.reader = SimpleNamespace(dims=Dims())

    def set_scene(self, index: int) -> None:
        self.current_scene_index = index

    @property
    def xarray_dask_data(self) -> DataArray:
        data = DATA if self.current_scene_index == 0 else DATA[:1, :1] + 1
        return DataArray(da.from_array(data), dims=tuple("TCZYX"))


def file(folder: Path, name: str = "a.czi", content: bytes = b"any") -> Path:
    (folder / name).write_bytes(content)
    return folder / name
