"""ImageJ's metadata in and out, read again by tifffile alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_autolut.io import (
    Channel,
    ImageFile,
    ProcessingStep,
    read_image,
    write_image,
)
from napari_autolut.io.provenance import JSON_KEY
from napari_autolut.io.tiff.imagej import lost_outside_imagej
from tests.pictures import picture, twice

STEP = ProcessingStep("upscale", "natural-x2", "ab" * 32, 2, ((0.0, 4095.0),), source="µ.tif")


def stack(shape: tuple[int, ...] = (3, 6, 8), dtype: str = "uint16") -> np.ndarray:
    return picture(shape, dtype)


def imagej(path: Path, data: np.ndarray, axes: str = "ZYX", *, resolution: Any = (4, 2), **meta):
    meta = {"axes": axes, **meta}
    options = {name: meta.pop(name) for name in ("photometric", "colormap") if name in meta}
    tifffile.imwrite(path, data, imagej=True, resolution=resolution, metadata=meta, **options)
    return read_image(path)


def result(folder: Path, image: ImageFile) -> tuple[dict[str, Any], tifffile.TiffPage]:
    path = write_image(folder / "result.tif", twice(image), overwrite=True)
    with tifffile.TiffFile(path) as tif:
        assert tif.pages[0].aspage().tags.get("ColorMap") is None or tif.pages[0].colormap.size
        assert np.array_equal(tif.asarray().ravel(), twice(image).data.ravel())
        return dict(tif.imagej_metadata), tif.pages[0].aspage()


@pytest.mark.parametrize(
    ("unit", "name", "microns"),
    [
        ("micron", "micron", 1),
        ("micrometer", "micron", 1),
        ("\\u00B5m", "micron", 1),
        ("nanometers", "nm", 1e-3),
        ("mm", "mm", 1e3),
        ("inch", "mm", 25400),
        ("angstrom", "nm", 1e-4),
        ("cm", "cm", 1e4),
    ],
)
def test_units(tmp_path: Path, unit: str, name: str, microns: float) -> None:
    image = imagej(tmp_path / "a.tif", stack(), unit=unit, spacing=0.5)
    said, page = result(tmp_path, image)
    assert said["unit"] == name
    factor = {"micron": 1, "nm": 1e-3, "mm": 1e3, "cm": 1e4}[name]
    assert said["spacing"] * factor == pytest.approx(0.5 * microns)
    across, down = page.tags.valueof("XResolution"), page.tags.valueof("YResolution")
    assert across[1] / across[0] * factor == pytest.approx(microns / 8, rel=1e-5)
    assert down[1] / down[0] * factor == pytest.approx(microns / 4, rel=1e-5)


@pytest.mark.parametrize("unit", ["micron", None])
def test_the_dots_of_a_screen_are_no_size(tmp_path: Path, unit: str | None) -> None:
    """As in ImageJ; slices one apart are not 25.4 mm apart."""
    said = {"spacing": 1.0} | ({"unit": unit} if unit else {})
    with tifffile.TiffWriter(tmp_path / "a.tif", imagej=True) as writer:
        data = np.zeros((3, 6, 8), np.uint8)
        dots = {"resolution": (72, 72), "resolutionunit": "INCH"}
        writer.write(data, metadata={"axes": "ZYX", **said}, **dots)
    found = read_image(tmp_path / "a.tif")
    assert found.unit == ("µm" if unit else None)
    assert found.pixel_size == {"Y": 1.0, "X": 1.0, "Z": 1.0}


def test_each_axis_may_have_its_unit(tmp_path: Path) -> None:
    image = imagej(
        tmp_path / "a.tif", stack(), unit="micron", yunit="nm", zunit="mm", spacing=-0.002,
        resolution=(4, 0.01),
    )  # fmt: skip
    assert image.unit == "µm"
    assert image.pixel_size == pytest.approx({"X": 0.25, "Y": 0.1, "Z": 2.0})
    said, page = result(tmp_path, image)
    assert said["spacing"] == pytest.approx(2.0)
    assert {"yunit", "zunit"}.isdisjoint(said)
    across, down = page.tags.valueof("XResolution"), page.tags.valueof("YResolution")
    assert across[0] / across[1] == pytest.approx(8)
    assert down[0] / down[1] == pytest.approx(20)


@pytest.mark.parametrize(
    ("meta", "seconds"),
    [({"finterval": 5.0, "tunit": "min"}, 300), ({"finterval": 20.0, "tunit": "msec"}, 0.02),
     ({"finterval": 2.0}, 2), ({"finterval": 2.0, "fps": 4.0}, 2), ({"finterval": "2,5"}, 2.5)],
)  # fmt: skip
def test_times(tmp_path: Path, meta: dict[str, Any], seconds: float) -> None:
    image = imagej(tmp_path / "a.tif", stack(), "TYX", unit="micron", **meta)
    said, _ = result(tmp_path, image)
    assert said["finterval"] == pytest.approx(seconds)
    assert "tunit" not in said


@pytest.mark.parametrize("meta", [{"fps": 7.0}, {"finterval": 3.0, "tunit": "frames"}])
def test_what_is_no_time_stays_what_it_is(tmp_path: Path, meta: dict[str, Any]) -> None:
    """How fast frames are shown is not how fast they were taken."""
    image = imagej(tmp_path / "a.tif", stack(), "TYX", unit="micron", **meta)
    assert "T" not in image.pixel_size
    said, _ = result(tmp_path, image)
    assert {key: said.get(key) for key in ("fps", "finterval", "tunit") if key in said} == meta


def test_slices_so_many_pixels_apart(tmp_path: Path) -> None:
    """Without a resolution pixels are 1 wide for ImageJ, and half of that when there are twice as
    many: slices must not be 2 of the new ones apart."""
    image = imagej(tmp_path / "a.tif", stack(), spacing=2.0, resolution=(1, 1))
    assert (image.pixel_size, image.unit) == ({"Z": 2.0, "Y": 1.0, "X": 1.0}, None)
    said, page = result(tmp_path, image)
    across = page.tags.valueof("XResolution")
    assert said["spacing"] * across[0] / across[1] == pytest.approx(4)


def test_a_comma_in_a_distance(tmp_path: Path) -> None:
    """As systems write numbers where people do."""
    image = imagej(tmp_path / "a.tif", stack(), "ZYX", unit="micron", spacing="-0,5")
    assert image.pixel_size["Z"] == 0.5


def test_a_unit_that_is_no_length_keeps_its_name(tmp_path: Path) -> None:
    said, _ = result(tmp_path, imagej(tmp_path / "a.tif", stack(), unit="degrees"))
    assert said["unit"] == "degrees"
    said, _ = result(tmp_path, imagej(tmp_path / "b.tif", stack(), unit="pixel"))
    assert "unit" not in said


def test_a_unit_that_is_no_length_is_no_inch(tmp_path: Path) -> None:
    """Whatever the tags of resolution say: ImageJ goes by the unit's name."""
    metadata = {"axes": "ZYX", "unit": "degree"}
    tifffile.imwrite(
        tmp_path / "a.tif", stack(), imagej=True, resolution=(10, 10), resolutionunit="INCH",
        metadata=metadata,
    )  # fmt: skip
    image = read_image(tmp_path / "a.tif")
    assert (image.pixel_size, image.unit) == ({"Y": 0.1, "X": 0.1}, None)


def test_what_grey_values_mean(tmp_path: Path) -> None:
    calibration = {"cf": 0, "c0": -32768.0, "c1": 1.0, "vunit": "Gray Value"}
    said, _ = result(tmp_path, imagej(tmp_path / "a.tif", stack(), **calibration))
    assert {key: said[key] for key in calibration} == calibration


def test_how_channels_are_shown(tmp_path: Path) -> None:
    tables = [np.zeros((3, 256), np.uint8) for _ in range(2)]
    tables[0][0] = tables[1][2] = np.arange(256)
    image = imagej(
        tmp_path / "a.tif", stack((2, 6, 8)), "CYX", mode="composite", LUTs=tables,
        Ranges=(5.0, 60.0, 7.0, 80.0), Labels=["a", "b"], Info="first\nsecond\n",
    )  # fmt: skip
    assert image.channels == (
        Channel("a", "FF0000", (5, 60)),
        Channel("b", "0000FF", (7, 80)),
    )
    said, _ = result(tmp_path, image)
    assert said["mode"] == "composite"
    assert said["Ranges"] == (5, 60, 7, 80)
    assert said["Labels"] == ["a", "b"]
    assert said["Info"].split() == ["first", "second"]
    assert all(np.array_equal(a, b) for a, b in zip(said["LUTs"], tables, strict=True))


@pytest.mark.parametrize(
    ("axes", "labels", "names"),
    [
        ("CYX", ["DAPI", "GFP"], ["DAPI", "GFP"]),
        ("CYX", ["c:1/2 - DAPI", "c:2/2 - GFP"], ["DAPI", "GFP"]),
        ("CYX", ["c:1/2 - cells.czi", "c:2/2 - cells.czi"], []),
        ("CYX", ["c:1/2", "c:2/2"], []),
        ("CYX", ["DAPI", ""], []),
        ("ZYX", ["z1", "z2"], []),
    ],
)
def test_labels_of_channels_are_their_names(
    tmp_path: Path, axes: str, labels: list[str], names: list[str]
) -> None:
    image = imagej(tmp_path / "a.tif", stack((2, 6, 8)), axes, Labels=labels)
    assert [each.name for each in image.channels] == names
    assert lost_outside_imagej(image) == (() if names else ("ImageJ's labels of slices",))
    said, _ = result(tmp_path, image)
    assert said["Labels"] == labels
    again = read_image(write_image(tmp_path / "b.ome.tif", image))
    assert [each.name for each in again.channels if each.name] == names


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("inverting", [False, True])
def test_one_channel_has_one_colour_table(tmp_path: Path, dtype: str, inverting: bool) -> None:
    """tifffile gives what there is one of without a list."""
    table = np.zeros((3, 256), np.uint8)
    table[1] = np.arange(256)[:: -1 if inverting else 1]
    data = stack((6, 8), dtype)
    options = {"LUTs": [table], "Ranges": (5.0, 60.0), "Labels": ["green"]}
    image = imagej(tmp_path / "a.tif", data, "YX", **options)
    assert np.array_equal(image.data, data)
    colour = None if inverting else "00FF00"
    assert image.channels == (Channel(colour=colour, window=(5, 60)),)
    said, _ = result(tmp_path, image)
    assert np.array_equal(said["LUTs"], table)
    assert said["Ranges"] == (5, 60) and said["Labels"] == "green"


@pytest.mark.parametrize("shape", [(6, 8), (3, 6, 8)])
def test_colour_tables_and_inverted_images(tmp_path: Path, shape: tuple[int, ...]) -> None:
    data, axes = stack(shape, "uint8"), "ZYX"[-len(shape) :]
    table = np.zeros((3, 256), "u2")
    table[1] = np.arange(256) * 257
    image = imagej(tmp_path / "a.tif", data, axes, photometric="palette", colormap=table)
    assert np.array_equal(image.data, data)
    _, page = result(tmp_path, image)
    assert np.array_equal(page.colormap, table)
    assert lost_outside_imagej(image) == ("ImageJ's colour table",)
    image = imagej(tmp_path / "b.tif", data, axes, photometric="miniswhite")
    assert np.array_equal(image.data, data)
    _, page = result(tmp_path, image)
    assert page.photometric == tifffile.PHOTOMETRIC.MINISWHITE


def test_origins_stay_where_they_are(tmp_path: Path) -> None:
    image = imagej(tmp_path / "a.tif", stack(), unit="micron", xorigin=3.0, yorigin=-1.5)
    said, _ = result(tmp_path, image)
    assert said["xorigin"] == pytest.approx(6)
    assert said["yorigin"] == pytest.approx(-3)


def test_drawings_are_said_to_be_left_out(tmp_path: Path) -> None:
    image = imagej(tmp_path / "a.tif", stack(), Overlays=[b"Iout"], ROI=b"Iout")
    assert image.not_kept == ("ImageJ's overlay", "ImageJ's selection")
    said, _ = result(tmp_path, image)
    assert {"Overlays", "ROI"}.isdisjoint(said)


def test_what_was_done_is_in_the_info_once(tmp_path: Path) -> None:
    image = imagej(tmp_path / "a.tif", stack(), Info="day = 3\n", unit="micron")
    for history in ((STEP,), (STEP, ProcessingStep("denoise", "denoise-3"))):
        done = ImageFile(**{**vars(image), "history": history})
        said, _ = result(tmp_path, done)
        assert said["Info"].count(JSON_KEY) == 1
        assert said["Info"].startswith("day = 3\n")
        image = read_image(tmp_path / "result.tif")
        assert image.history == history
        assert image.metadata["Info"] == "day = 3"


def test_plain_files_say_it_too(tmp_path: Path) -> None:
    image = ImageFile(stack((6, 8)), "YX", {"X": 0.5, "Y": 0.25}, "µm", history=(STEP,))
    path = write_image(tmp_path / "a.tif", image)
    with tifffile.TiffFile(path) as tif:
        assert not tif.is_imagej
        assert JSON_KEY in tif.shaped_metadata[0]
    back = read_image(path)
    assert back.history == (STEP,)
    assert back.pixel_size == pytest.approx({"X": 0.5, "Y": 0.25})


@pytest.mark.parametrize("size", [1e-12, 1e15])
def test_sizes_that_no_tag_holds_are_left_out(tmp_path: Path, size: float) -> None:
    image = ImageFile(stack((6, 8)), "YX", {"X": size, "Y": size}, "µm")
    assert read_image(write_image(tmp_path / "a.tif", image)).data.shape == (6, 8)
