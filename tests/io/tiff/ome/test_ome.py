"""OME-XML in and out: valid, and nothing of what a microscope wrote is lost; read by ome-types."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_autolut.batch.files.provenance import lost_words
from napari_autolut.io import (
    Channel,
    ImageFile,
    ImageFileError,
    Noise,
    ProcessingStep,
    list_series,
    read_image,
    write_image,
)
from napari_autolut.io.tiff.ome import values as ome_values
from napari_autolut.io.tiff.ome.writing import ome_xml
from tests.io.tiff.ome_schema import check_valid, enumeration

ome_types = pytest.importorskip("ome_types")

NS = "http://www.openmicroscopy.org/Schemas/OME/2016-06"

MICROSCOPE = f"""<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="{NS}" Creator="Maker 1.0">
<Experimenter ID="Experimenter:0" FirstName="Ada" LastName="Löwe" Institution="Küste"/>
<Instrument ID="Instrument:0">
  <Microscope Manufacturer="Maker" Model="M &amp; N" Type="Inverted"/>
  <Laser ID="LightSource:0" Manufacturer="L" Power="5" PowerUnit="mW" Wavelength="488"/>
  <Detector ID="Detector:0" Model="Eye" Type="CCD"/>
  <Objective ID="Objective:0" LensNA="1.4" NominalMagnification="63" Immersion="Oil"/>
  <Filter ID="Filter:0" Model="F"/>
</Instrument>
<Image ID="Image:0" Name="Zelle µ">
  <AcquisitionDate>2024-03-01T12:34:56.789</AcquisitionDate>
  <ExperimenterRef ID="Experimenter:0"/>
  <Description>First &lt;day&gt;</Description>
  <InstrumentRef ID="Instrument:0"/>
  <ObjectiveSettings ID="Objective:0" RefractiveIndex="1.515"/>
  <ImagingEnvironment Temperature="37"/>
  <StageLabel Name="A1" X="1" XUnit="mm" Y="2" YUnit="mm"/>
  <Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="20" SizeY="15" SizeZ="2"
    SizeC="3" SizeT="2" PhysicalSizeX="200" PhysicalSizeXUnit="nm" PhysicalSizeY="0.3"
    PhysicalSizeZ="1" PhysicalSizeZUnit="µm" TimeIncrement="2" TimeIncrementUnit="min"
    SignificantBits="12">
    <Channel ID="Channel:0:0" SamplesPerPixel="1" Name="DAPI" Color="65535"
      EmissionWavelength="461" ExcitationWavelength="0.358" ExcitationWavelengthUnit="µm"
      AcquisitionMode="SpinningDiskConfocal" IlluminationType="Epifluorescence" PinholeSize="50">
      <LightSourceSettings ID="LightSource:0" Attenuation="0.5"/>
      <DetectorSettings ID="Detector:0" Gain="2"/>
      <LightPath><ExcitationFilterRef ID="Filter:0"/></LightPath></Channel>
    <Channel ID="Channel:0:1" SamplesPerPixel="1" Name="GFP" Color="16711935" Fluor="EGFP"/>
    <Channel ID="Channel:0:2" SamplesPerPixel="1" ContrastMethod="DIC"/>
    <TiffData/>
    <Plane TheZ="0" TheC="0" TheT="0" DeltaT="0.5" ExposureTime="20" ExposureTimeUnit="ms"
      PositionX="100" PositionXUnit="µm" PositionY="0.2" PositionYUnit="mm" PositionZ="7"/>
    <Plane TheZ="1" TheC="0" TheT="0" DeltaT="1.5" PositionX="100" PositionXUnit="µm"/>
    <Plane TheZ="0" TheC="2" TheT="1" DeltaT="9" PositionX="3.5"/>
  </Pixels>
  <ROIRef ID="ROI:0"/>
  <AnnotationRef ID="Annotation:0"/>
</Image>
<StructuredAnnotations>
  <MapAnnotation ID="Annotation:0" Namespace="lab"><Value><M K="dish">7</M></Value></MapAnnotation>
</StructuredAnnotations>
<ROI ID="ROI:0"><Union><Rectangle ID="Shape:0" X="1" Y="1" Width="2" Height="2"/></Union></ROI>
</OME>"""
"""What the schema allows; units are mixed, and the channels say different things."""

STEP = ProcessingStep("upscale", "natural-x2", "ab" * 32, 2, ((0.0, 4095.0),), source="Zelle µ.tif")


def noise(shape: tuple[int, ...], dtype: str = "uint16") -> np.ndarray:
    return np.random.default_rng(0).integers(0, 200, shape).astype(dtype)


def source(path: Path, xml: str = MICROSCOPE, shape: tuple[int, ...] = (2, 3, 2, 15, 20)) -> Path:
    tifffile.imwrite(
        path, noise(shape), description=xml.encode(), metadata=None, photometric="minisblack"
    )
    return path


def twice(image: ImageFile) -> ImageFile:
    rows, columns = image.spatial_axes
    return image.enlarged(image.data.repeat(2, rows).repeat(2, columns), 2)


def written(path: Path, *images: ImageFile) -> tuple[Any, str]:
    """What ome-types reads of a file that is valid, and the XML itself."""
    write_image(path, list(images))
    with tifffile.TiffFile(path) as tif:
        xml = tif.ome_metadata
        assert xml is not None
        for series, image in zip(tif.series, images, strict=True):
            assert np.array_equal(series.asarray().ravel(), image.data.ravel())
    check_valid(xml)
    return ome_types.from_xml(xml), xml


def test_the_test_file_is_valid() -> None:
    check_valid(MICROSCOPE)


@pytest.mark.parametrize("name", ["a.zarr", "a.png"])
def test_what_other_files_have_no_place_for_is_said(tmp_path: Path, name: str) -> None:
    image = read_image(source(tmp_path / "in.ome.tif"))
    assert lost_words(tmp_path / name, [image]).startswith(
        "not kept: regions of interest, wavelengths of channels, the instrument, the acquisition "
        "date, the experimenter, times of planes, exposure times"
    )
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
    """Programs write it that know of no colour: the channel was invisible."""
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


def test_tables_of_values_are_the_schemas() -> None:
    assert enumeration("UnitsLength") == ome_values.LENGTH_UNITS
    assert enumeration("UnitsTime") == ome_values.TIME_UNITS
    assert enumeration("AcquisitionMode") == ome_values.ACQUISITION_MODES
    assert enumeration("ContrastMethod") == ome_values.CONTRAST_METHODS
    assert enumeration("IlluminationType") == ome_values.ILLUMINATION_TYPES


@pytest.mark.parametrize("declared", ["<!DOCTYPE OME>", '<!DOCTYPE OME [<!ENTITY a "aa">]>'])
def test_no_entities(tmp_path: Path, declared: str) -> None:
    from napari_autolut.io import ImageFileError

    xml = MICROSCOPE.replace('encoding="UTF-8"?>', f'encoding="UTF-8"?>{declared}')
    with pytest.raises(ImageFileError, match=r"document type|entities|entity|DTD"):
        read_image(source(tmp_path / "in.ome.tif", xml))


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


@pytest.mark.parametrize("images", [1, 2])
def test_regions_that_no_image_refers_to_are_on_all(tmp_path: Path, images: int) -> None:
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as writer:
        for _ in range(images):
            writer.write(noise((8, 9)), photometric="minisblack")
    xml = tifffile.tiffcomment(tmp_path / "a.ome.tif")
    region = '<ROI ID="ROI:0"><Union><Point ID="Shape:0" X="1" Y="1"/></Union></ROI></OME>'
    tifffile.tiffcomment(tmp_path / "a.ome.tif", xml.replace("</OME>", region).encode())
    for number in range(images):
        image = read_image(tmp_path / "a.ome.tif", series=number)
        assert image.not_kept == ("regions of interest",)


PIXELS = (
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
    '<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint8" SizeX="9" SizeY="8" SizeZ="3" '
    'SizeC="2" SizeT="1" PhysicalSizeX="0.5"/></Image></OME>'
)


def _with_description(path: Path, text: str) -> Path:
    pages = np.arange(6, dtype=np.uint8)[:, None, None] + np.zeros((8, 9), np.uint8)
    tifffile.imwrite(path, pages, description=text, metadata=None, photometric="minisblack")
    return path


def test_pages_that_nothing_places_are_in_their_order(tmp_path: Path) -> None:
    image = read_image(_with_description(tmp_path / "a.ome.tif", PIXELS))
    assert (image.axes, image.data.shape) == ("ZCYX", (3, 2, 8, 9))
    assert image.data[:, :, 0, 0].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert image.pixel_size["X"] == 0.5


@pytest.mark.parametrize(("count", "kept"), [(1, ["one", None]), (3, ["one", "two"])])
@pytest.mark.parametrize("flavour", ["ome", "plain"])
def test_fewer_or_more_channels_than_there_are(
    tmp_path: Path, count: int, kept: list[str | None], flavour: str
) -> None:
    """All names were lost where one was."""
    names = ["one", "two", "three"][:count]
    data = np.zeros((2, 6, 8), np.uint8)
    image = ImageFile(data, "CYX", channels=tuple(map(Channel, names)), flavour=flavour)
    if flavour == "ome":
        said = "".join(
            f'<Channel ID="Channel:0:{n}" Name="{name}"/>' for n, name in enumerate(names)
        )
        text = f"""<OME xmlns="{NS}"><Image ID="Image:0"><Pixels ID="Pixels:0" Type="uint8"
            DimensionOrder="XYCZT" SizeX="8" SizeY="6" SizeZ="1" SizeC="2" SizeT="1">{said}
            <TiffData/></Pixels></Image></OME>"""
        tifffile.imwrite(tmp_path / "a.ome.tif", data, ome=False, photometric="minisblack",
                         metadata=None, description=text)  # fmt: skip
        image = read_image(tmp_path / "a.ome.tif")
    out = write_image(tmp_path / "b.ome.tif", image)
    check_valid(tifffile.tiffcomment(out))
    assert [each.name for each in ome_types.from_tiff(out).images[0].pixels.channels] == kept


def test_a_comma_in_a_size(tmp_path: Path) -> None:
    """As systems write numbers where people do; the result's are the schema's."""
    text = PIXELS.replace('PhysicalSizeX="0.5"', 'PhysicalSizeX="0,5"')
    assert text != PIXELS
    image = read_image(_with_description(tmp_path / "a.ome.tif", text))
    assert image.pixel_size["X"] == 0.5
    with tifffile.TiffFile(write_image(tmp_path / "b.ome.tif", image)) as tif:
        check_valid(tif.ome_metadata)
        assert 'PhysicalSizeX="0.5"' in tif.ome_metadata


def test_a_damaged_description_is_said(tmp_path: Path) -> None:
    image = read_image(_with_description(tmp_path / "a.ome.tif", PIXELS[:-9]))
    assert image.not_kept == ("the OME-XML, which is damaged",)


@pytest.mark.parametrize("name", ["DimensionOrder", "SizeX"])
def test_what_a_description_leaves_out_is_named(tmp_path: Path, name: str) -> None:
    text = re.sub(rf' {name}="[^"]*"', "", PIXELS)
    with pytest.raises(ImageFileError, match=f"does not say {name}; open"):
        read_image(_with_description(tmp_path / "a.ome.tif", text))


def test_sentences_have_no_words_of_python(tmp_path: Path) -> None:
    """A page beyond the last one is an index for tifffile, with an exception in its log."""
    text = PIXELS.replace("/></Image>", '><TiffData IFD="6" PlaneCount="1"/></Pixels></Image>')
    with pytest.raises(ImageFileError) as caught:
        read_image(_with_description(tmp_path / "a.ome.tif", text))
    said = "is incomplete or damaged (OME series contains index out of range); copy it again"
    assert said in str(caught.value)


def test_colours_beside_greys_that_do_not_add_up_are_said(tmp_path: Path) -> None:
    channels = "".join(
        f'<Channel ID="Channel:0:{n}" SamplesPerPixel="{3 - 2 * n}"/>' for n in (0, 1)
    )
    xml = (
        f'<OME xmlns="{NS}"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" '
        f'Type="uint8" SizeX="5" SizeY="4" SizeC="7" SizeZ="1" SizeT="1">{channels}'
        '<TiffData IFD="0" FirstC="0"/><TiffData IFD="1" FirstC="3"/></Pixels></Image></OME>'
    )
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as writer:
        writer.write(
            np.zeros((4, 5, 3), "uint8"), photometric="rgb", description=xml, metadata=None
        )
        writer.write(np.zeros((4, 5), "uint8"), photometric="minisblack", metadata=None)
    with pytest.raises(ImageFileError, match="beside grey ones, which are not read together"):
        list_series(tmp_path / "a.ome.tif")
