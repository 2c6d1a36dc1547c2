"""One range for each channel over all files of a folder."""

import numpy as np
import pytest
import tifffile

from napari_autolut import upscale
from napari_autolut.arrays import Range, finish
from napari_autolut.batch import SetRanges, ranges_of_set, set_ranges, upscale_file_steps
from napari_autolut.batch.files.options import UpscaleOptions
from napari_autolut.batch.files.ranges import channel_ranges
from napari_autolut.io import ImageFile, read_image, write_image
from tests.pictures import picture


def written(folder, number, top, axes="YX", shape=(40, 50), dtype="uint16"):
    path = folder / f"{number:02d}.tif"
    write_image(path, ImageFile(picture(shape, dtype, top=top, seed=number), axes))
    return path


def test_all_files_are_enlarged_in_the_same_range(tmp_path, model):
    """A dark frame of a time series stays dark: it is not stretched over its own values."""
    paths = [written(tmp_path, number, 500 * (number + 1)) for number in range(4)]
    found = ranges_of_set(paths)
    stack = np.stack([read_image(path).data for path in paths])
    ((lo, hi),) = [(each.lo, each.hi) for each in found.ranges]
    assert lo == pytest.approx(np.quantile(stack, 0.001), abs=5)
    assert hi == pytest.approx(np.quantile(stack, 0.999), abs=5)
    out = tmp_path / "out.tif"
    finish(upscale_file_steps(paths[0], out, model, UpscaleOptions(found)))
    result = read_image(out)
    np.testing.assert_array_equal(result.data, upscale(stack[0], model, value_range=(lo, hi)))
    assert result.history[-1].value_range == ((lo, hi),)
    assert "auto of all files" in result.history[-1].settings["value_range"]


def test_every_channel_has_its_own_and_files_may_have_fewer(tmp_path):
    one = written(tmp_path, 1, 4000)
    two = written(tmp_path, 2, 300, "CYX", (2, 40, 50))
    found = ranges_of_set([one, two], "data")
    pixels = read_image(one).data, read_image(two).data
    first = [min(pixels[0].min(), pixels[1][0].min()), max(pixels[0].max(), pixels[1][0].max())]
    assert found.ranges == (Range(*map(float, first)), Range(*_ends(pixels[1][1])))
    assert found.of(1) == found.ranges[:1]
    with pytest.raises(ValueError, match="found 3 grey channels, expected at most 2"):
        found.of(3)


def _ends(pixels):
    return float(pixels.min()), float(pixels.max())


def test_of_many_files_some_are_read_from_first_to_last(tmp_path, monkeypatch):
    monkeypatch.setattr(set_ranges, "MAX_FILES", 3)
    paths = [written(tmp_path, number, 100 + number, shape=(4, 4)) for number in range(9)]
    ((lo, hi),) = [(each.lo, each.hi) for each in ranges_of_set(paths).ranges]
    read = np.stack([read_image(paths[number]).data for number in (0, 4, 8)])
    assert (lo, hi) == _ends(read)


def test_eight_bits_have_all_their_values_and_bad_files_do_not_count(tmp_path):
    bad = tmp_path / "bad.tif"
    bad.write_bytes(b"no TIFF")
    path = written(tmp_path, 0, 90, dtype="uint8")
    assert ranges_of_set([bad, path]) == SetRanges((Range(0, 255),), "auto")
    with pytest.raises(ValueError, match="found no file that can be read"):
        ranges_of_set([bad])


@pytest.mark.parametrize("asked", ["auto", "data"])
def test_a_file_whose_pixels_are_damaged_does_not_count(tmp_path, asked):
    """Its description is good, so that it could end the run when a sample of it is read."""
    pytest.importorskip("zarr", reason="the extra zarr is not installed")
    paths = [tmp_path / f"{number}.zarr" for number in range(3)]
    for path in paths:
        write_image(path, ImageFile(picture((2, 40, 50), "uint16", top=4000), "ZYX"))
    expected = ranges_of_set(paths[:1], asked)
    chunk = next(each for each in (paths[1] / "0" / "c").rglob("*") if each.is_file())
    chunk.write_bytes(chunk.read_bytes()[:20] + bytes(30))
    assert ranges_of_set(paths, asked) == expected
    with pytest.raises(ValueError, match=r"no file that can be read \(.*1\.zarr.*copy it again"):
        ranges_of_set(paths[1:2], asked)


def test_types_that_differ_and_ranges_that_are_said_are_refused(tmp_path):
    paths = [written(tmp_path, 0, 90, dtype="uint8"), written(tmp_path, 1, 90)]
    with pytest.raises(ValueError, match=r"found uint16 in .*01.tif and uint8 in .*00.tif"):
        ranges_of_set(paths)
    with pytest.raises(ValueError, match=r'found the range .dtype.*expected "auto" or "data"'):
        ranges_of_set(paths, "dtype")


def test_byte_orders_and_files_without_a_number(tmp_path):
    """Neither does the order of bytes make a type, nor has a file of NaN a minimum."""
    little, big, nothing = (tmp_path / f"{name}.tif" for name in ("little", "big", "nothing"))
    pixels = picture((40, 50), "float32") + 500
    tifffile.imwrite(little, pixels, byteorder="<")
    tifffile.imwrite(big, pixels + 10, byteorder=">")
    tifffile.imwrite(nothing, np.full_like(pixels, np.nan))
    found = ranges_of_set([nothing, little, big], "data")
    assert found.ranges == (Range(float(pixels.min()), float((pixels + 10).max())),)
    assert ranges_of_set([nothing], "data").ranges == (Range(0, 0),)


def test_the_range_does_not_depend_on_the_order_of_files(tmp_path):
    colours, grey = tmp_path / "colours.tif", tmp_path / "grey.tif"
    tifffile.imwrite(colours, picture((40, 50, 3), "float32") / 600, photometric="rgb")
    tifffile.imwrite(grey, picture((40, 50), "float32") / 600)
    assert ranges_of_set([colours, grey]) == ranges_of_set([grey, colours])


@pytest.mark.parametrize("asked", ["auto", "data"])
def test_what_alpha_hides_does_not_count(tmp_path, asked):
    path = tmp_path / "cut out.tif"
    pixels = np.full((50, 60, 4), 60000, np.uint16)
    pixels[10:, :, :3], pixels[40:, :, :3], pixels[:10, :, 3] = 900, 4000, 0
    tifffile.imwrite(path, pixels, photometric="rgb", extrasamples=["unassalpha"])
    assert ranges_of_set([path], asked).of_colours == (Range(900, 4000),)
    for memmap_above in (0, 10**9):
        image = read_image(path, memmap_above=memmap_above)
        assert channel_ranges(image, asked) == (Range(900, 4000),)


def test_a_series_that_no_file_has_is_what_the_message_says(tmp_path):
    with pytest.raises(ValueError, match=r"no file that can be read .*found no series 7"):
        ranges_of_set([written(tmp_path, 0, 90)], series=7)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("asked", ["auto", "data"])
def test_masks_and_labels_beside_images_do_not_count(tmp_path, asked, dtype):
    """Numbers of cells are no intensities; alone they are all that there is."""
    images = [
        write_image(tmp_path / f"{number}.tif", ImageFile(5000 + picture((64, 64), "uint16"), "YX"))
        for number in range(2)
    ]
    numbers = np.random.default_rng(0).permutation(16).reshape(4, 4)
    labels = np.kron(numbers, np.ones((16, 16))).astype(dtype)
    mask = write_image(tmp_path / "labels.tif", ImageFile(labels, "YX"))
    assert ranges_of_set([mask, *images], asked) == ranges_of_set(images, asked)
    if dtype == "uint16":
        assert ranges_of_set([mask], asked).ranges[0].hi == pytest.approx(15, abs=0.1)


@pytest.mark.parametrize("asked", ["auto", "data"])
def test_grey_files_and_those_of_rgb_have_ranges_of_their_own(tmp_path, asked):
    """A dim time series beside a bright overlay kept half of one percent of the model's levels."""
    grey, colours = written(tmp_path, 1, 300), written(tmp_path, 2, 60000, "YXS", (40, 50, 3))
    both, of_grey, of_rgb = (
        ranges_of_set(paths, asked) for paths in ([grey, colours], [grey], [colours])
    )
    assert channel_ranges(read_image(grey), both) == of_grey.ranges
    assert channel_ranges(read_image(colours), both) == of_rgb.of_colours
    assert both.words == f"{of_grey.words}; of RGB {of_rgb.words.partition(': ')[2]}"
    with pytest.raises(ValueError, match="found 1 RGB channel, expected at most 0, as in the"):
        channel_ranges(read_image(colours), of_grey)
