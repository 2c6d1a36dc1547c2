"""OME-XML of images from anywhere: valid, with their axes, units and history."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_autolut.io import (
    Channel,
    ImageFile,
    Noise,
    ProcessingStep,
    list_series,
    read_image,
    write_image,
)
from napari_autolut.io.tiff.ome import values as ome_values
from napari_autolut.io.tiff.ome.writing import ome_xml
from tests.io.tiff.ome.microscope import MICROSCOPE, noise, source, written
from tests.io.tiff.ome_schema import check_valid, enumeration
from tests.pictures import twice

STEP = ProcessingStep("upscale", "natural-x2", "ab" * 32, 2, ((0.0, 4095.0),), source="Zelle µ.tif")


def test_tables_of_values_are_the_schemas() -> None:
    assert enumeration("UnitsLength") == ome_values.LENGTH_UNITS
    assert enumeration("UnitsTime") == ome_values.TIME_UNITS
    assert enumeration("AcquisitionMode") == ome_values.ACQUISITION_MODES
    assert enumeration("ContrastMethod") == ome_values.CONTRAST_METHODS
    assert enumeration("IlluminationType") == ome_values.ILLUMINATION_TYPES


@pytest.mark.parametrize(
    ("axes", "shape"),
    [("YX", (5, 6)), ("YX", (5, 1)), ("YX", (1, 1)), ("YXS", (5, 6, 3)), ("YXS", (5, 6, 4)),
     ("ZYX", (3, 5, 1)), ("CZYX", (2, 3, 5, 6)), ("TZCYX", (2, 1, 3, 5, 6)), ("TYXS", (2, 5, 6, 3)),
     ("CYXS", (2, 5, 6, 3)), ("ZTCYX", (2, 3, 2, 5, 6)), ("ZHYX", (2, 3, 5, 6)),
     ("YXZ", (5, 6, 3)), ("AYX", (3, 5, 6))],
)  # fmt: skip
def test_all_axes_are_valid_and_come_back(tmp_path: Path, axes, shape) -> None:
    image = ImageFile(noise(shape, "uint8"), axes, {"X": 0.5, "Y": 0.5}, "µm", "ome")
    path = write_image(tmp_path / "a.ome.tif", image)
    with tifffile.TiffFile(path) as tif:
        check_valid(tif.ome_metadata)
        assert tif.series[0].kind == "ome"
    back = read_image(path)
    order = [image.axes.index(axis) for axis in axes if axis not in "YXS"]
    order += [image.axes.index(axis) for axis in "YXS" if axis in axes]
    squeezed = image.data.transpose(order)
    assert back.data.size == squeezed.size
    assert np.array_equal(back.data.ravel(), squeezed.ravel())
    assert (back.unit, back.pixel_size) == ("µm", {"X": 0.5, "Y": 0.5})


@pytest.mark.parametrize("unit", ["nm", "µm", "mm", "cm", "m", None])
def test_every_unit(tmp_path: Path, unit: str | None) -> None:
    image = ImageFile(noise((3, 4, 5)), "ZYX", {"X": 0.25, "Y": 1e-7, "Z": 3e4}, unit, "ome")
    ome, _ = written(tmp_path / "a.ome.tif", image)
    pixels = ome.images[0].pixels
    assert (pixels.physical_size_x, pixels.physical_size_y, pixels.physical_size_z) == (
        0.25, 1e-7, 3e4)  # fmt: skip
    assert pixels.physical_size_x_unit.value == (unit or "pixel")
    back = read_image(tmp_path / "a.ome.tif")
    assert (back.pixel_size, back.unit) == (image.pixel_size, unit)


def test_fields_of_an_image_from_another_format(tmp_path: Path) -> None:
    image = ImageFile(
        noise((2, 3, 4, 5)), "CZYX", {"X": 0.5, "Y": 0.5, "Z": 2.0}, "µm",
        origin={"X": 10.0, "Y": -3.0, "Z": 1.0},
        channels=(Channel("a\x07b", "FF8000", None, 500.0, 400.0), Channel()),
    )  # fmt: skip
    ome, _ = written(tmp_path / "a.ome.tif", image)
    pixels = ome.images[0].pixels
    assert pixels.channels[0].name == "a\N{REPLACEMENT CHARACTER}b"
    assert pixels.channels[0].color.as_rgb_tuple()[:3] == (255, 128, 0)
    assert [(p.the_z, p.position_z) for p in pixels.planes if p.the_c == 0] == [
        (0, 1.0), (1, 3.0), (2, 5.0)]  # fmt: skip
    back = read_image(tmp_path / "a.ome.tif")
    assert back.origin == image.origin
    assert back.channels[0].emission == 500
    assert back.channels[0].colour == "FF8000"


def test_several_images_keep_their_own(tmp_path: Path) -> None:
    start, end = MICROSCOPE.index("<Image "), MICROSCOPE.index("</Image>") + len("</Image>")
    first = MICROSCOPE[start:end]
    other = first.replace("Image:0", "Image:1").replace("Pixels:0", "Pixels:1")
    other = other.replace("Channel:0", "Channel:1").replace("Zelle µ", "second")
    other = other.replace('PositionX="100"', 'PositionX="500"')
    first = first.replace("<TiffData/>", '<TiffData IFD="0" PlaneCount="12"/>')
    other = other.replace("<TiffData/>", '<TiffData IFD="12" PlaneCount="12"/>')
    xml = MICROSCOPE[:start] + first + other + MICROSCOPE[end:]
    check_valid(xml)
    path = tmp_path / "in.ome.tif"
    tifffile.imwrite(
        path, noise((24, 15, 20)), description=xml.encode(), metadata=None,
        photometric="minisblack",
    )  # fmt: skip
    images = [read_image(path, series=each.index) for each in list_series(path)]
    assert [image.origin["X"] for image in images] == [100e3, 500e3]
    steps = (STEP, ProcessingStep("denoise", "denoise-3"))
    images = [
        ImageFile(**{**vars(twice(image)), "history": (step,)})
        for image, step in zip(images, steps, strict=True)
    ]
    ome, text = written(tmp_path / "out.ome.tif", *images)
    assert [image.name for image in ome.images] == ["Zelle µ", "second"]
    assert text.count("<Instrument ") == 1
    back = [read_image(tmp_path / "out.ome.tif", series=n) for n in (0, 1)]
    assert [image.history for image in back] == [(steps[0],), (steps[1],)]


def test_what_was_done_is_in_the_file(tmp_path: Path) -> None:
    second = ProcessingStep("denoise", "denoise-3", noise=(Noise(2.0, -3.0),), version="1.0")
    image = read_image(source(tmp_path / "in.ome.tif"))
    image = ImageFile(**{**vars(image), "history": (STEP, second)})
    ome, _ = written(tmp_path / "out.ome.tif", image)
    notes = ome.structured_annotations.map_annotations
    assert len(notes) == 3
    assert notes[1].value["model"] == "natural-x2"
    back = read_image(tmp_path / "out.ome.tif")
    assert back.history == (STEP, second)
    back = ImageFile(**{**vars(back), "history": (*back.history, STEP)})
    ome, _ = written(tmp_path / "again.ome.tif", back)
    assert read_image(tmp_path / "again.ome.tif").history == (STEP, second, STEP)
    assert [ref.id for ref in ome.images[0].annotation_refs].count("Annotation:0") == 1


def test_a_description_is_utf8(tmp_path: Path) -> None:
    image = ImageFile(noise((4, 5)), "YX", flavour="ome")
    assert ome_xml([image]).startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
