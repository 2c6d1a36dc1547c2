"""An OME-TIFF as a microscope writes it. Belongs here: the file, and what its tests do with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_autolut.io import (
    ImageFile,
    write_image,
)
from tests.io.tiff.ome_schema import check_valid
from tests.pictures import picture

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


def noise(shape: tuple[int, ...], dtype: str = "uint16") -> np.ndarray:
    return picture(shape, dtype)


def source(path: Path, xml: str = MICROSCOPE, shape: tuple[int, ...] = (2, 3, 2, 15, 20)) -> Path:
    tifffile.imwrite(
        path, noise(shape), description=xml.encode(), metadata=None, photometric="minisblack"
    )
    return path


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
