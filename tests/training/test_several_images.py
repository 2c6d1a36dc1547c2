"""Files that hold several images: all of them are found to learn from."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from skimage import data

from napari_autolut.arrays import finish
from napari_autolut.io import ImageFile, write_image
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.sources import FolderSource, PairSource

GREY = data.camera()


def save_positions(path, *images):
    """An OME-TIFF with one series for each image."""
    path.parent.mkdir(exist_ok=True, parents=True)
    with tifffile.TiffWriter(path, ome=True) as writer:
        for number, image in enumerate(images):
            axes = "ZYX"[-image.ndim :]
            writer.write(
                image, photometric="minisblack", metadata={"Name": f"p{number}", "axes": axes}
            )
    return path


def test_every_series_is_an_image(tmp_path):
    pieces = [GREY[n * 100 : n * 100 + 96, n * 90 : n * 90 + 96] for n in range(4)]
    save_positions(tmp_path / "wells" / "plate.ome.tif", *pieces, np.zeros_like(pieces[0]))
    findings = finish(FolderSource(tmp_path).find())
    assert [image.name for image in findings.images] == [
        f"wells/plate.ome.tif, series {number}" for number in range(4)
    ]
    assert list(findings.skipped) == ["wells/plate.ome.tif, series 4"]
    source = FolderSource(tmp_path)
    for image, piece in zip(findings.images, pieces, strict=True):
        effect = source.effect(image, 2, Degradation(), 0)
        low, high = np.percentile(piece.astype(float), (0.1, 99.9))
        shown = ((piece - low) * (255 / (high - low))).clip(0, 255).astype(np.uint8)
        assert np.abs(effect.before.astype(int) - shown[: effect.before.shape[0]]).max() <= 2


def test_what_is_left_out_is_said(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(GREY, photometric="minisblack")
        writer.write(GREY[::8, ::8], photometric="minisblack", subfiletype=1)
    findings = finish(FolderSource(tmp_path).find())
    assert [image.name for image in findings.images] == ["a.tif"]
    assert findings.skipped == {"a.tif": "used in part: left out: series 1 (thumbnail, 64 x 64)"}


def test_images_of_two_files_belong_together_by_their_order(tmp_path):
    pieces = [GREY[n * 100 : n * 100 + 96, :96] for n in range(3)]
    hr = save_positions(tmp_path / "hr" / "a.ome.tif", *pieces)
    lr = save_positions(tmp_path / "lr" / "a.ome.tif", *(piece[::2, ::2] for piece in pieces))
    findings = finish(PairSource(hr.parent, lr.parent).find())
    assert [(image.scale, image.lr.series) for image in findings.images] == [(2, 0), (2, 1), (2, 2)]
    save_positions(lr, *(piece[::2, ::2] for piece in pieces[:2]))
    found = finish(PairSource(hr.parent, lr.parent).find())
    assert found.skipped == {
        "a.ome.tif": "found 3 images in it and 2 in its LR file, expected as many"
    }


def test_a_zarr_folder_is_one_file(tmp_path):
    pytest.importorskip("zarr")
    write_image(tmp_path / "a.zarr", ImageFile(GREY[:96, :96], "YX"))
    write_image(tmp_path / "b.png", ImageFile(GREY[200:296, 200:296], "YX"))
    findings = finish(FolderSource(tmp_path).find())
    assert [image.name for image in findings.images] == ["a.zarr", "b.png"]
    assert not findings.skipped
