"""What a microscope wrote into an OME-TIFF is in its result: valid, and read by ome-types."""

from __future__ import annotations

from pathlib import Path

import pytest
import tifffile

from napari_autolut.batch.files.lost import lost_words
from napari_autolut.io import (
    Channel,
    ImageFile,
    read_image,
    write_image,
)
from tests.io.tiff.ome.microscope import MICROSCOPE, noise, source, written
from tests.io.tiff.ome_schema import check_valid
from tests.pictures import twice


def test_the_test_file_is_valid() -> None:
    check_valid(MICROSCOPE)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.zarr", "regions of interest"),
        ("a.png", "regions of interest, wavelengths of channels, the instrument, the acquisition "
         "date, the experimenter, times of planes, exposure times"),
    ],
)  # fmt: skip
def test_what_other_files_have_no_place_for_is_said(tmp_path: Path, name: str, words: str) -> None:
    image = read_image(source(tmp_path / "in.ome.tif"))
    assert lost_words(tmp_path / name, [image]).startswith(f"not kept: {words}")
    few = read_image(write_image(tmp_path / "b.ome.tif", ImageFile(image.data, image.axes)))
    assert not lost_words(tmp_path / name, [few])
    assert "instrument" not in lost_words(tmp_path / "c.ome.tif", [image])


def test_what_a_microscope_wrote_is_in_the_result(tmp_path: Path) -> None:
    image = read_image(source(tmp_path / "in.ome.tif"))
    assert image.axes == "TCZYX"
    assert image.unit == "nm"
    assert image.pixel_size == pytest.approx({"X": 200, "Y": 300, "Z": 1000, "T": 120})
    assert image.origin == pytest.approx({"X": 100e3, "Y": 200e3, "T": 0.5})
    assert image.channels[0] == Channel("DAPI", "0000FF", None, 461, pytest.approx(358))
    assert image.channels[1] == Channel("GFP", "00FF00")
    assert image.channels[2] == Channel()
    assert image.not_kept == ("regions of interest",)

    ome, _ = written(tmp_path / "out.ome.tif", twice(image))
    assert ome.experimenters[0].last_name == "Löwe"
    (instrument,) = ome.instruments
    assert instrument.microscope.model == "M & N"
    assert instrument.objectives[0].lens_na == 1.4
    (result,) = ome.images
    assert result.name == "Zelle µ"
    assert result.description == "First <day>"
    assert result.acquisition_date.isoformat().startswith("2024-03-01T12:34:56.789")
    assert result.objective_settings.id == "Objective:0"
    assert result.imaging_environment.temperature == 37
    assert result.stage_label.name == "A1"
    assert [ref.id for ref in result.annotation_refs] == ["Annotation:0"]
    pixels = result.pixels
    assert (pixels.size_x, pixels.size_y, pixels.size_z) == (40, 30, 2)
    sizes = [pixels.physical_size_x_quantity, pixels.physical_size_y_quantity,
             pixels.physical_size_z_quantity, pixels.time_increment_quantity]  # fmt: skip
    for size, expected in zip(sizes, ("0.1 µm", "0.15 µm", "1 µm", "120 s"), strict=True):
        value, unit = expected.split()
        assert size.to(unit).magnitude == pytest.approx(float(value))
    assert pixels.significant_bits == 12
    first, second, third = pixels.channels
    assert (first.name, first.emission_wavelength, first.excitation_wavelength) == (
        "DAPI", 461, 0.358)  # fmt: skip
    assert first.acquisition_mode.value == "SpinningDiskConfocal"
    assert first.detector_settings.gain == 2
    assert first.light_path.excitation_filters[0].id == "Filter:0"
    assert second.color.as_rgb_tuple()[:3] == (0, 255, 0)
    assert second.fluor == "EGFP"
    assert third.name is None
    assert third.contrast_method.value == "DIC"
    planes = {(p.the_z, p.the_c, p.the_t): p for p in pixels.planes}
    plane = planes[0, 0, 0]
    assert (plane.delta_t, plane.exposure_time, plane.exposure_time_unit.value) == (0.5, 20, "ms")
    assert planes[0, 2, 1].position_x == 3.5, "in the stage's own units, which nobody knows"
    assert len(planes) == 3


def test_a_result_lies_where_its_source_lay(tmp_path: Path) -> None:
    image = read_image(source(tmp_path / "in.ome.tif"))
    ome, _ = written(tmp_path / "out.ome.tif", twice(image))
    plane = ome.images[0].pixels.planes[0]
    for position, before, size in (
        (plane.position_x_quantity, 100.0, 0.2),
        (plane.position_y_quantity, 200.0, 0.3),
    ):
        border = before - size / 2
        assert position.to("µm").magnitude - size / 4 == pytest.approx(border)
    back = read_image(tmp_path / "out.ome.tif")
    assert back.origin == pytest.approx(twice(image).origin)
    assert back.pixel_size == pytest.approx(twice(image).pixel_size)


def test_twice_is_as_once(tmp_path: Path) -> None:
    image = read_image(source(tmp_path / "in.ome.tif"))
    write_image(tmp_path / "same.ome.tif", image)
    _, first = written(tmp_path / "a.ome.tif", twice(image))
    _, second = written(tmp_path / "b.ome.tif", twice(read_image(tmp_path / "same.ome.tif")))
    without_uuid = [text[text.index("<Experimenter") :] for text in (first, second)]
    assert without_uuid[0] == without_uuid[1]


@pytest.mark.parametrize(
    ("year", "old", "new"),
    [
        ("2015-01", "", ""),
        ("2013-06", "", ""),
        ("2012-06", "AcquisitionDate", "AcquiredDate"),
        ("2010-06", "AcquisitionDate", "AcquiredDate"),
    ],
)
def test_older_schemas_give_valid_files(tmp_path: Path, year: str, old: str, new: str) -> None:
    xml = MICROSCOPE.replace("2016-06", year).replace(old or "\0", new)
    image = read_image(source(tmp_path / "in.ome.tif", xml))
    ome, _ = written(tmp_path / "out.ome.tif", twice(image))
    (result,) = ome.images
    assert result.acquisition_date is not None
    assert result.pixels.channels[0].emission_wavelength == 461
    assert bool(ome.instruments) == (year >= "2013")


@pytest.mark.parametrize("black", ["0", "255", "1"])
def test_nothing_is_seen_in_black(tmp_path: Path, black: str) -> None:
    """Programs write it that know of no colour: the channel would be invisible."""
    xml = MICROSCOPE.replace('Color="65535"', f'Color="{black}"')
    image = read_image(source(tmp_path / "in.ome.tif", xml))
    assert [channel.colour for channel in image.channels][:2] == [None, "00FF00"]
    out = tifffile.tiffcomment(write_image(tmp_path / "out.ome.tif", image))
    assert f'Color="{black}"' not in out and 'Color="16711935"' in out
    zarr = write_image(tmp_path / "out.zarr", image)
    assert '"color": "000000"' not in (zarr / "zarr.json").read_text("utf-8")


def test_sizes_below_0_are_taken_by_their_amount(tmp_path: Path) -> None:
    xml = MICROSCOPE.replace('PhysicalSizeX="200"', 'PhysicalSizeX="-200"')
    image = read_image(source(tmp_path / "in.ome.tif", xml))
    assert image.pixel_size["X"] == 200
    assert image.remarks == ("its pixel size along x is below 0; its amount was taken",)
    out = write_image(tmp_path / "out.ome.tif", twice(image))
    check_valid(tifffile.tiffcomment(out))
    result = read_image(out)
    assert result.pixel_size["X"] == 100 and result.origin["X"] == 100e3 - 50


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        ('Color="65535"', 'Color="blue"'),
        ('EmissionWavelength="461"', 'EmissionWavelength="0"'),
        ('ContrastMethod="DIC"', 'ContrastMethod="Magic" Own="1"'),
        ('PinholeSize="50"', 'PinholeSize="wide" PinholeSizeUnit="airy"'),
        ('PhysicalSizeZ="1"', 'PhysicalSizeZ="0"'),
        ('PhysicalSizeZUnit="µm"', 'PhysicalSizeZUnit="steps"'),
        ('SignificantBits="12"', 'SignificantBits="many"'),
        ("2024-03-01T12:34:56.789", "yesterday"),
        ('TheZ="1" TheC="0"', 'TheZ="7" TheC="0"'),
        ('TheZ="1" TheC="0"', 'TheZ="0" TheC="0"'),
        ('TheZ="1" TheC="0"', 'TheC="0"'),
        ('DeltaT="1.5"', 'DeltaT="NaN"'),
        ('<AnnotationRef ID="Annotation:0"/>', '<AnnotationRef ID="Annotation:99"/>'),
        ('<ExperimenterRef ID="Experimenter:0"/>', '<ExperimenterRef ID="Experimenter:5"/>'),
    ],
)
def test_what_is_wrong_in_a_source_makes_no_invalid_result(
    tmp_path: Path, found: str, instead: str
) -> None:
    assert found in MICROSCOPE
    xml = MICROSCOPE.replace(found, instead)
    image = read_image(source(tmp_path / "in.ome.tif", xml))
    ome, _ = written(tmp_path / "out.ome.tif", twice(image))
    assert ome.images[0].pixels.channels[1].name == "GFP"


def test_colours_of_an_ome_file(tmp_path: Path) -> None:
    xml = MICROSCOPE.replace('SizeZ="2"', 'SizeZ="1"').replace('SizeT="2"', 'SizeT="1"')
    xml = xml.replace('Type="uint16"', 'Type="uint8"').replace('SignificantBits="12"', "")
    start, end = xml.index("<Channel "), xml.index("<TiffData/>")
    xml = xml[:start] + '<Channel ID="Channel:0:0" Name="H&amp;E" SamplesPerPixel="3"/>' + xml[end:]
    check_valid(xml)
    path = tmp_path / "in.ome.tif"
    tifffile.imwrite(
        path, noise((15, 20, 3), "uint8"), description=xml.encode(), metadata=None,
        photometric="rgb",
    )  # fmt: skip
    image = read_image(path)
    assert image.axes == "YXS"
    ome, _ = written(tmp_path / "out.ome.tif", twice(image))
    pixels = ome.images[0].pixels
    assert [(c.name, c.samples_per_pixel) for c in pixels.channels] == [("H&E", 3)]
    assert [(p.the_z, p.the_c, p.the_t) for p in pixels.planes] == [(0, 0, 0)]
