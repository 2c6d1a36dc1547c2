"""Files that others read: what they give is kept, what they lack is said."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace

import dask.array as da
import numpy as np
import pytest
from npe2 import DynamicPlugin, PluginManager
from xarray import DataArray

from napari_autolut.io import ImageFileError, list_series, read_image
from napari_autolut.io.foreign import metaimage, reading
from napari_autolut.io.foreign.kinds import FOREIGN
from napari_autolut.io.foreign.scene import Scene
from tests.io.foreign.folder import enlarged
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


@pytest.fixture
def bioio(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("bioio")
    module.BioImage = FakeImage
    monkeypatch.setitem(sys.modules, "bioio", module)
    monkeypatch.setattr("napari_autolut.io.foreign.bioio.find_spec", lambda _: True)


@pytest.fixture
def no_bioio(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("bioio", "dicom.reading", "kinds", "mrc", "nifti", "nrrd"):
        monkeypatch.setattr(f"napari_autolut.io.foreign.{module}.find_spec", lambda _: None)


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[PluginManager]:
    """A plugin manager in which nothing is installed."""
    manager = PluginManager()
    monkeypatch.setattr(manager, "discover", lambda *_, **__: 0)
    monkeypatch.setattr(PluginManager, "instance", classmethod(lambda _: manager))
    yield manager


def file(folder: Path, name: str = "a.czi", content: bytes = b"any") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.usefixtures("bioio")
def test_scenes_of_bioio(tmp_path: Path) -> None:
    path = file(tmp_path)
    assert [str(each) for each in list_series(path)] == [
        "0 (first, 9 x 8, T 2, C 3)", "1 (second, 9 x 8)"]  # fmt: skip
    found = read_image(path)
    assert (found.axes, found.unit) == ("TCYX", "µm")
    assert found.pixel_size == pytest.approx({"T": 1.5, "Y": 0.5, "X": 0.25})
    assert [each.name for each in found.channels] == ["DAPI", "GFP", "RFP"]
    np.testing.assert_array_equal(found.data, DATA[:, :, 0])
    assert found.not_kept == ("all but the first of its 4 images along H",)
    second = read_image(path, series=1)
    assert second.axes == "YX"
    np.testing.assert_array_equal(second.data, DATA[0, 0, 0] + 1)
    assert hasattr(read_image(path, memmap_above=0).data, "dask")


@pytest.mark.usefixtures("bioio")
def test_a_scene_that_cannot_be_read_is_left_out_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One spectrum among its images kept a whole LIF from being read."""
    given = FakeImage.xarray_dask_data.fget

    def spectrum(image: FakeImage) -> DataArray:
        if image.current_scene_index:
            raise ValueError("axes don't match array")
        return given(image)

    monkeypatch.setattr(FakeImage, "xarray_dask_data", property(spectrum))
    path = file(tmp_path)
    assert [each.name for each in list_series(path)] == ["first"]
    assert read_image(path).not_kept[-1].startswith("the scene second, which ")


@pytest.mark.usefixtures("bioio")
def test_a_folder_of_them(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    file(tmp_path / "in", "a.CZI")
    out = enlarged(tmp_path / "in")
    listed = list_series(out)
    assert [(each.name, each.lengths["X"]) for each in listed] == [("first", 18), ("second", 18)]
    assert read_image(out).pixel_size == pytest.approx({"T": 1.5, "Y": 0.25, "X": 0.125})


@pytest.mark.usefixtures("bioio")
def test_an_error_of_a_reader_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match=r"reader could not .*; copy it again") as error:
        read_image(file(tmp_path, content=b"damaged"))
    assert "\n" not in str(error.value) and "a.czi" in str(error.value)


@pytest.mark.usefixtures("bioio")
@pytest.mark.parametrize("memmap_above", [0, math.inf])
def test_so_is_one_of_a_plane_that_is_read_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memmap_above: float
) -> None:
    """A folder of CZIs written to Zarrs ended at the first damaged plane, with a traceback."""
    given = FakeImage.xarray_dask_data.fget

    def damaged(block: np.ndarray, block_info: dict) -> np.ndarray:
        if block_info[0]["chunk-location"][0]:
            raise RuntimeError("Zstd-decompression produced\nunexpected size")
        return block

    def with_damage(image: FakeImage) -> DataArray:
        found = given(image)
        return found.copy(data=found.data.rechunk((1, 1, 1, 8, 9)).map_blocks(damaged, dtype="u2"))

    monkeypatch.setattr(FakeImage, "xarray_dask_data", property(with_damage))
    path = file(tmp_path)
    expected = rf"^{re.escape(str(path))}: its reader could not .* size\); copy it again"
    with pytest.raises(ImageFileError, match=expected):
        found = read_image(path, memmap_above=memmap_above).data
        np.testing.assert_array_equal(found[0], DATA[0, :, 0])
        np.asarray(found)


def test_of_readers_that_all_fail_the_first_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(words: str) -> reading.Reader:
        def read(_: Path) -> Sequence[Scene]:
            raise KeyError(words)

        return read

    monkeypatch.setattr(reading, "READERS", (failing("of its kind"), failing("of another")))
    with pytest.raises(ImageFileError, match="KeyError: 'of its kind'"):
        read_image(file(tmp_path))


@pytest.mark.usefixtures("bioio", "plugins")
def test_without_its_reader_the_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_autolut.io.foreign.kinds.find_spec", lambda _: None)
    with pytest.raises(ImageFileError, match="bioio-czi, or install a napari plugin"):
        read_image(file(tmp_path, content=b"unknown"))


@pytest.mark.usefixtures("no_bioio", "plugins")
@pytest.mark.parametrize("suffix", [each for each in FOREIGN if each not in metaimage.SUFFIXES])
def test_without_bioio_the_sentence_says_what_to_install(tmp_path: Path, suffix: str) -> None:
    packages = f'"napari-autolut[bioio]" {FOREIGN[suffix].package}'.strip()
    with pytest.raises(ImageFileError, match=re.escape(f"pip install {packages}, or install")):
        list_series(file(tmp_path, f"a{suffix}"))


@pytest.mark.usefixtures("bioio", "plugins")
def test_where_the_reader_is_installed_the_file_is_to_blame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_autolut.io.foreign.kinds.find_spec", lambda _: True)
    with pytest.raises(ImageFileError, match="bioio-czi can read; it may be damaged"):
        read_image(file(tmp_path, content=b"unknown"))
    with pytest.raises(ImageFileError, match="found an empty file"):
        read_image(file(tmp_path, content=b""))


@pytest.mark.usefixtures("no_bioio")
def test_the_reader_of_a_plugin(tmp_path: Path, plugins: PluginManager) -> None:
    pixels = picture((3, 2, 8, 9), "uint16")
    meta = {"channel_axis": 1, "scale": (2.0, 500.0, 250.0), "translate": (0.0, 10.0, 0.0),
            "units": ("µm", "nm", "nm"), "name": ["a", "b"],
            "contrast_limits": [[0, 9], [1, 5]]}  # fmt: skip
    shapes = ([np.zeros((2, 2))], {}, "shapes")
    layers = [(pixels, meta, "image"), shapes, ([pixels[0, 0], pixels[0, 0, ::2]], {}, "image")]
    with DynamicPlugin("fake-reader", plugin_manager=plugins) as plugin:

        @plugin.contribute.reader(filename_patterns=["*.lif"])
        def get_reader(path: str):
            return lambda path: layers

        found = read_image(file(tmp_path, "a.lif"))
        assert (found.axes, found.unit) == ("ZCYX", "µm")
        assert found.pixel_size == pytest.approx({"Z": 2.0, "Y": 0.5, "X": 0.25})
        assert found.origin == pytest.approx({"Y": 0.01})
        assert [(each.name, each.window) for each in found.channels] == [
            ("a", (0, 9)),
            ("b", (1, 5)),
        ]
        np.testing.assert_array_equal(found.data, pixels)
        assert len(list_series(tmp_path / "a.lif")) == 2
        np.testing.assert_array_equal(read_image(tmp_path / "a.lif", series=1).data, pixels[0, 0])


@pytest.mark.usefixtures("no_bioio")
@pytest.mark.parametrize(
    ("shape", "meta", "axes", "sizes"),
    [
        ((1, 2, 3, 2, 20, 30), {"channel_axis": 3}, "TZCYX", {}),  # of napari-czi
        ((1, 1, 1, 20, 30), {"scale": (1, 1, 1, 0.3, 0.2)}, "YX", {"Y": 0.3, "X": 0.2}),
        ((2, 1, 3, 20, 30), {"scale": (1, 1, 2, 0.3, 0.2)}, "TZYX",
         {"Z": 2.0, "Y": 0.3, "X": 0.2}),
        ((1, 3, 20, 30), {"axis_labels": "ztyx", "scale": (5, 2, 0.3, 0.2)}, "TYX",
         {"T": 2.0, "Y": 0.3, "X": 0.2}),
    ],
)  # fmt: skip
def test_axes_of_one_entry_that_plugins_add(
    tmp_path: Path,
    plugins: PluginManager,
    shape: tuple[int, ...],
    meta: dict[str, object],
    axes: str,
    sizes: dict[str, float],
) -> None:
    """Plugins give all axes that a format can have: images were refused, or had made-up times."""
    with DynamicPlugin("fake-reader", plugin_manager=plugins) as plugin:

        @plugin.contribute.reader(filename_patterns=["*.lif"])
        def get_reader(path: str):
            return lambda path: [(picture(shape), meta)]

        found = read_image(file(tmp_path, "a.lif"))
    assert (found.axes, found.pixel_size) == (axes, pytest.approx(sizes))
    np.testing.assert_array_equal(found.data, picture(shape).squeeze())


@pytest.mark.usefixtures("no_bioio")
@pytest.mark.parametrize("with_image", [False, True])
def test_labels_of_plugins(tmp_path: Path, plugins: PluginManager, with_image: bool) -> None:
    """A file of labels alone holds labels; beside an image they are no image of the file."""
    (tmp_path / "a.lif").write_bytes(b"anything")
    given = [(DATA[0, 0, 0].astype(np.int32), {"name": "cells"}, "labels")]
    if with_image:
        given.append((DATA[0, 0], {"name": "image"}, "image"))
    with DynamicPlugin("fake-reader", plugin_manager=plugins) as plugin:

        @plugin.contribute.reader(filename_patterns=["*.lif"])
        def reader(path: str) -> object:
            return lambda path: given

        (only,) = list_series(tmp_path / "a.lif")
        assert read_image(tmp_path / "a.lif").labels == (not with_image)
        assert only.name == ("image" if with_image else "cells")


@pytest.mark.usefixtures("no_bioio")
def test_what_plugins_leave_to_napari_is_taken_as_napari_does(
    tmp_path: Path, plugins: PluginManager
) -> None:
    """Colours are guessed, a short scale is that of the last axes, units may be quantities."""
    ureg = pytest.importorskip("pint").UnitRegistry()
    colours, stack = picture((40, 50, 3)), picture((3, 8, 9))
    units = (ureg.Quantity(1, "millimeter"), ureg.micrometer)
    layers = [(colours, {}), (stack, {"scale": (-0.5, 0.25), "units": units})]
    with (
        DynamicPlugin("broken-reader", plugin_manager=plugins) as broken,
        DynamicPlugin("fake-reader", plugin_manager=plugins) as plugin,
    ):

        @broken.contribute.reader(filename_patterns=["*.lif"])
        def get_broken(path: str):
            raise RuntimeError("made for an older napari")

        @plugin.contribute.reader(filename_patterns=["*.lif"])
        def get_reader(path: str):
            return lambda path: layers

        found = read_image(file(tmp_path, "a.lif"))
        assert found.axes == "YXS"
        np.testing.assert_array_equal(found.data, colours)
        found = read_image(tmp_path / "a.lif", series=1)
        assert (found.axes, found.unit) == ("ZYX", "µm")
        assert found.pixel_size == pytest.approx({"Y": 500.0, "X": 0.25})


@pytest.mark.usefixtures("no_bioio")
@pytest.mark.parametrize(
    ("meta", "sizes", "places", "turned"),
    [
        ({"affine": np.diag([2.0, 0.5, 0.25, 1])}, (2.0, 0.5, 0.25), {}, False),
        ({"affine": [[0.5, 0, 7], [0, 0.25, 0], [0, 0, 1]]}, (1.0, 0.5, 0.25), {"Y": 7.0}, False),
        ({"scale": (2, 2, 2), "translate": (1, 0, 0), "affine": np.diag([3.0, 1, 1, 1])},
         (6.0, 2.0, 2.0), {"Z": 3.0}, False),
        ({"affine": [[0, 3.0, 9], [-2.0, 0, 0], [0, 0, 1]]}, (1.0, 2.0, 3.0), {}, True),
        ({"scale": (2, 0.5, -0.5), "translate": (0, 0, 4)}, (2.0, 0.5, 0.5), {}, True),
        ({"scale": (2, 0.5, 0.5), "translate": (0, 0, 4), "rotate": 30.0},
         (2.0, 0.5, 0.5), {}, True),
        ({"scale": (2, 0.5, 0.5), "rotate": np.eye(3), "shear": [0, 0, 0]},
         (2.0, 0.5, 0.5), {}, False),
    ],
)  # fmt: skip
def test_the_world_of_a_plugins_layer(
    tmp_path: Path,
    plugins: PluginManager,
    meta: dict[str, object],
    sizes: tuple[float, ...],
    places: dict[str, float],
    turned: bool,
) -> None:
    """Affine transforms, as of medical images, were left aside without a word."""
    with DynamicPlugin("fake-reader", plugin_manager=plugins) as plugin:

        @plugin.contribute.reader(filename_patterns=["*.lif"])
        def get_reader(path: str):
            return lambda path: [(picture((3, 8, 9)), meta)]

        found = read_image(file(tmp_path, "a.lif"))
    assert found.pixel_size == pytest.approx(dict(zip("ZYX", sizes, strict=True)))
    assert found.origin == pytest.approx(places)
    assert bool(found.not_kept) == turned


@pytest.mark.usefixtures("no_bioio", "plugins")
def test_old_files_of_imaris(tmp_path: Path) -> None:
    (tmp_path / "a.ims").write_bytes(b"II*\0\x08\0\0\0")
    with pytest.raises(ImageFileError, match=r"found an Imaris 3 file.*save it as OME-TIFF"):
        read_image(tmp_path / "a.ims")


@pytest.mark.parametrize(
    ("suffix", "words"),
    [(".eer", "sum its frames to an MRC"), (".fits", "save it as OME-TIFF"),
     (".ome", "give one of those")],
)  # fmt: skip
def test_what_to_do_with_kinds_that_nothing_reads(tmp_path: Path, suffix: str, words: str) -> None:
    with pytest.raises(ImageFileError, match=f"found the suffix {suffix}, .*{words}"):
        read_image(file(tmp_path, f"a{suffix}"))
