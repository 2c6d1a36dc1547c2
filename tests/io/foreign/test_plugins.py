"""Files that readers of napari's plugins read: their axes, labels and place in the world."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from npe2 import DynamicPlugin, PluginManager

from napari_autolut.io import list_series, read_image
from tests.io.foreign.fake_bioio import DATA, file
from tests.pictures import picture


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
    """Plugins give all axes that a format can have: no image is refused, or has made-up times."""
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
    """Affine transforms, as of medical images, are not left aside without a word."""
    with DynamicPlugin("fake-reader", plugin_manager=plugins) as plugin:

        @plugin.contribute.reader(filename_patterns=["*.lif"])
        def get_reader(path: str):
            return lambda path: [(picture((3, 8, 9)), meta)]

        found = read_image(file(tmp_path, "a.lif"))
    assert found.pixel_size == pytest.approx(dict(zip("ZYX", sizes, strict=True)))
    assert found.origin == pytest.approx(places)
    assert bool(found.not_kept) == turned
