"""Files with several images, images in several files, and what only looks like an image."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_autolut.batch.folder import find_files
from napari_autolut.io import ImageFile, list_series, read_image, write_image
from napari_autolut.training.images import image_files
from tests.commandline import fails, run, succeeds
from tests.damaged import partly_damaged
from tests.pictures import noise, picture, same

IDS = [f"urn:uuid:00000000-0000-0000-0000-00000000000{n}" for n in range(3)]
OME = (
    '<?xml version="1.0" encoding="UTF-8"?><OME UUID="{}" '
    'xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels '
    'ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="8" SizeY="6" SizeZ="1" SizeC="{}" '
    'SizeT="1">{}</Pixels></Image></OME>'
)


def write_set(folder: Path, names: list[str], compression: str | None = None) -> list[np.ndarray]:
    """An OME-TIFF of one channel a file, each of which describes all."""
    planes = [noise((6, 8), seed=n) for n in range(len(names))]
    places = "".join(
        f'<TiffData FirstC="{n}" FirstT="0" FirstZ="0" IFD="0" PlaneCount="1">'
        f'<UUID FileName="{name}">{IDS[n]}</UUID></TiffData>'
        for n, name in enumerate(names)
    )
    channels = "".join(f'<Channel ID="Channel:0:{n}" SamplesPerPixel="1"/>' for n in range(3))
    for own, name, plane in zip(IDS, names, planes, strict=False):
        xml = OME.format(own, len(names), channels + places)
        options = {"compression": compression, "description": xml, "metadata": None}
        tifffile.imwrite(folder / name, plane, photometric="minisblack", **options)
    return planes


@pytest.mark.parametrize("compression", [None, "lzw", "zstd"])
def test_an_image_in_several_files_is_done_once(
    tmp_path: Path, model_file: Path, compression: str | None
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    planes = write_set(folder, ["c0.ome.tif", "c1.ome.tif", "c2.ome.tif"], compression)
    assert same(read_image(folder / "c1.ome.tif"), np.stack(planes), "CYX")
    assert [path.name for path in image_files(folder)] == ["c0.ome.tif"]
    said = succeeds("upscale", folder, out, "-m", model_file)
    assert "from 3 files" in said and "1 done" in said
    assert [path.name for path in out.iterdir()] == ["c0.ome.tif"]
    assert read_image(out / "c0.ome.tif").lengths == {"C": 3, "Y": 12, "X": 16}


def test_a_set_with_a_missing_file_is_an_error(tmp_path: Path, model_file: Path) -> None:
    write_set(tmp_path, ["c0.ome.tif", "c1.ome.tif"])
    (tmp_path / "c1.ome.tif").unlink()
    line = fails("upscale", tmp_path / "c0.ome.tif", tmp_path / "out.tif", "-m", model_file)
    assert "c1.ome.tif is missing or cannot be read; copy all of them" in line


def test_a_set_cannot_hide_a_stranger(tmp_path: Path) -> None:
    write_set(tmp_path, ["c0.ome.tif", "c1.ome.tif"])
    tifffile.imwrite(tmp_path / "c1.ome.tif", noise((6, 8)))  # says nothing of the first
    names = [item.source.name for item in find_files(tmp_path, tmp_path / "out")]
    assert names == ["c0.ome.tif", "c1.ome.tif"]


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """Two images and a thumbnail."""
    path = tmp_path / "several.tif"
    with tifffile.TiffWriter(path) as writer:
        for shape, kind in (((4, 5), 1), ((20, 30), 0), ((25, 16), 0)):
            writer.write(picture(shape), subfiletype=kind, metadata=None, contiguous=False)
    return path


def test_all_images_of_a_file_are_done(
    tmp_path: Path, several: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = succeeds("upscale", several, tmp_path / "out.tif", "-m", model_file)
    assert "2 series; left out: series 0 (thumbnail, 5 x 4); --series chooses one" in said
    results = [read_image(tmp_path / "out.tif", series=n).data for n in (0, 1)]
    assert [data.shape for data in results] == [(40, 60), (50, 32)]
    for number, data in enumerate(results, 1):
        out = tmp_path / f"{number}.png"
        succeeds("upscale", several, out, "-m", model_file, "--series", number)
        assert (read_image(out).data == data).all()
    monkeypatch.setattr("napari_autolut.batch.files.upscaling.LARGE", 0)  # tile by tile
    succeeds("upscale", several, tmp_path / "tiles.tif", "-m", model_file)
    for number, data in enumerate(results):
        assert (read_image(tmp_path / "tiles.tif", series=number).data == data).all()


def test_a_png_holds_one_image(tmp_path: Path, several: Path, model_file: Path) -> None:
    line = fails("upscale", several, tmp_path / "out.png", "-m", model_file)
    assert "a PNG holds one image, not 2; choose one with --series" in line
    line = fails("upscale", several, tmp_path / "out.png", "-m", model_file, "--series", 7)
    assert "found no series 7, expected one of 0 (thumbnail, 5 x 4), 1 (30 x 20)" in line


def test_all_images_of_a_file_are_denoised(tmp_path: Path, several: Path) -> None:
    options = ["--noise", "1,4", "--engine", "reference"]
    said = succeeds("denoise", several, tmp_path / "out.tif", *options)
    assert "left out: series 0" in said
    assert [dict(each.lengths) for each in list_series(tmp_path / "out.tif")] == [
        {"Y": 20, "X": 30},
        {"Y": 25, "X": 16},
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_pipe_is_no_image_of_a_folder(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", ImageFile(picture((5, 6)), "YX"))
    os.mkfifo(tmp_path / "b.png")
    os.mkfifo(tmp_path / "c.tif")
    found = find_files(tmp_path, tmp_path / "out")
    assert [item.source.name for item in found] == ["a.png"]
    assert [path.name for path in image_files(tmp_path)] == ["a.png"]


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    return partly_damaged(tmp_path / "damaged.ome.tif")


@pytest.mark.parametrize("suffix", [".ome.tif", ".zarr"])
@pytest.mark.parametrize("work", ["upscale", "denoise"])
def test_a_damaged_image_does_not_stop_the_others(
    tmp_path: Path, damaged: Path, model_file: Path, work: str, suffix: str
) -> None:
    out = tmp_path / f"out{suffix}"
    how = ["-m", model_file] if work == "upscale" else ["--noise", "1,4", "--engine", "reference"]
    done = run(work, damaged, out, *how)
    assert done.exit_code == 1
    assert "left out, damaged: P1 (" in done.stdout and "2 series" in done.stdout
    grown = 2 if work == "upscale" else 1
    widths = [each.lengths["X"] for each in list_series(out)]
    assert widths == [30 * grown, 32 * grown]
    names = [read_image(out, series=number).name for number in (0, 1)]
    assert names == ["P0", "P2"]
    assert fails(work, damaged, tmp_path / f"one{suffix}", *how, "--series", 1)
