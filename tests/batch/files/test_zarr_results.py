"""From disk to disk: the same bits and places as in memory, from and into other files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("zarr", reason="the extra zarr is not installed")
pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")

from napari_autolut import denoise, upscale
from napari_autolut.arrays import finish
from napari_autolut.batch import FileOptions, denoise_file_steps, upscale_file_steps
from napari_autolut.batch.files.options import UpscaleOptions
from napari_autolut.io import ImageFile, ImageFileError, read_image, write_image
from napari_autolut.model import LutModel
from tests.conftest import small_model
from tests.pictures import picture

pytestmark = pytest.mark.usefixtures("small_regions")


@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize("version", ["0.5", "0.4"])
def test_the_same_bits_as_in_memory(tmp_path: Path, source: Path, scale: int, version: str) -> None:
    model = small_model("small", scale)
    options = FileOptions(zarr_version=version)
    finish(upscale_file_steps(source, tmp_path / "out.zarr", model, options=options))
    found, before = read_image(tmp_path / "out.zarr"), read_image(source)
    expected = np.stack([upscale(channel, model) for channel in before.data])
    np.testing.assert_array_equal(found.data, expected)
    assert found.channels == before.channels and found.unit == "µm"
    for axis in "YX":  # both outer borders stay where they were
        for end in (0, 1):
            one, other = (
                each.origin.get(axis, 0) + each.pixel_size[axis] * (end * each.lengths[axis] - 0.5)
                for each in (before, found)
            )
            assert one == pytest.approx(other, abs=1e-12)


def test_any_factor_has_the_same_bits_and_place(tmp_path: Path, source: Path) -> None:
    model, out = small_model("three", 3), tmp_path / "out.ome.zarr"
    finish(upscale_file_steps(source, out, model, UpscaleOptions(scale=2.3)))
    finish(upscale_file_steps(source, tmp_path / "out.tif", model, UpscaleOptions(scale=2.3)))
    small, large, tiff = read_image(source), read_image(out), read_image(tmp_path / "out.tif")
    np.testing.assert_array_equal(large.data, tiff.data)
    for axis in "YX":
        size, lengths = small.pixel_size[axis], (small.lengths[axis], large.lengths[axis])
        assert large.pixel_size[axis] * lengths[1] == pytest.approx(size * lengths[0])
        assert large.origin[axis] - large.pixel_size[axis] / 2 == pytest.approx(
            small.origin.get(axis, 0.0) - size / 2
        )


@pytest.mark.parametrize(
    ("name", "axes", "shape"),
    [("in.png", "YXS", (40, 33, 3)), ("in.tif", "YXS", (30, 20, 4)),
     ("in.ome.tif", "ZYX", (3, 9, 50)), ("in.ome.tif", "TZCYX", (2, 2, 2, 20, 30))],
)  # fmt: skip
def test_from_other_files(
    tmp_path: Path, model: LutModel, name: str, axes: str, shape: tuple[int, ...]
) -> None:
    source = write_image(tmp_path / name, ImageFile(picture(shape), axes))
    finish(upscale_file_steps(source, tmp_path / "out.zarr", model))
    finish(upscale_file_steps(source, tmp_path / "out.tif", model))
    found, expected = read_image(tmp_path / "out.zarr"), read_image(tmp_path / "out.tif")
    order = [axes.replace("S", "C").index(axis) for axis in found.axes]
    np.testing.assert_array_equal(found.data, expected.data.transpose(order))


def test_into_other_files(tmp_path: Path, source: Path, model: LutModel) -> None:
    finish(upscale_file_steps(source, tmp_path / "out.ome.tif", model))
    found = read_image(tmp_path / "out.ome.tif")
    assert found.axes == "CYX" and found.pixel_size == {"Y": 0.25, "X": 0.125}


def test_noise_is_taken_out_as_in_memory(tmp_path: Path) -> None:
    rng, slope = np.random.default_rng(0), np.linspace(20, 400, 90)
    data = rng.poisson(np.broadcast_to(slope, (2, 80, 90))).astype(np.uint16)
    source = write_image(tmp_path / "in.zarr", ImageFile(data, "CYX", {"Y": 0.5}, "µm"))
    finish(denoise_file_steps(source, tmp_path / "out.zarr"))
    found = read_image(tmp_path / "out.zarr")
    np.testing.assert_array_equal(found.data, denoise(data, channel_axis=0))
    assert found.pixel_size == {"Y": 0.5}


def test_floats_with_holes(tmp_path: Path, model: LutModel) -> None:
    data = picture((50, 60), "float32")
    data[3, 4] = np.nan
    source = write_image(tmp_path / "in.zarr", ImageFile(data, "YX"))
    with pytest.warns(UserWarning, match="NaN"):
        finish(upscale_file_steps(source, tmp_path / "out.zarr", model, UpscaleOptions("data")))
    with pytest.warns(UserWarning, match="NaN"):
        expected = upscale(data, model, value_range="data")
    np.testing.assert_array_equal(read_image(tmp_path / "out.zarr").data, expected)


def test_bad_pixels_leave_nothing(tmp_path: Path, source: Path, model: LutModel) -> None:
    chunk = source / "0" / "c" / "1" / "1" / "2"
    chunk.write_bytes(chunk.read_bytes()[:-9])
    with pytest.raises(ImageFileError, match=r"in\.zarr"):
        finish(upscale_file_steps(source, tmp_path / "out.zarr", model, UpscaleOptions((0, 9))))
    assert [each.name for each in tmp_path.iterdir()] == ["in.zarr"]
