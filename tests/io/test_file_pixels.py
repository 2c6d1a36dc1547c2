"""Pixels that stay in their file: the same as numpy's, whatever is asked for, and read in time."""

import copy
import errno
import gc
import os
import pickle
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_autolut.batch import upscale_file_steps
from napari_autolut.batch.files import upscaling
from napari_autolut.io import ImageFileError, file_pixels, open_file
from napari_autolut.io.file_pixels import FilePixels
from napari_autolut.io.open_file import OpenFile
from napari_autolut.io.tiff import on_disk
from napari_autolut.io.tiff import tiles as tiff_tiles
from napari_autolut.io.tiff.on_disk import TemporaryPixels
from napari_autolut.util.temporary import TRIES
from tests.conftest import small_model
from tests.pictures import picture

SHAPE = (3, 4, 9, 5)


def pixels(tmp_path: Path, dtype: str = ">u2", shape: tuple[int, ...] = SHAPE) -> FilePixels:
    data = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    (tmp_path / "a").write_bytes(b"head" + data.tobytes())
    return FilePixels(OpenFile(tmp_path / "a"), data.dtype, shape, 4)


def reference(shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    return np.arange(np.prod(shape)).reshape(shape).astype("u2")


ends = st.one_of(st.none(), st.integers(-11, 11))
part = st.one_of(
    st.just(slice(None)),
    st.integers(-3, 2),
    st.builds(slice, ends, ends, st.sampled_from([None, 1, 2, 7, -1, -3])),
)


@pytest.fixture(scope="module")
def on_file(tmp_path_factory: pytest.TempPathFactory) -> FilePixels:
    return pixels(tmp_path_factory.mktemp("pixels"))


@pytest.mark.parametrize("gap", [0, 64, 2**20])
@settings(max_examples=40, deadline=None)
@given(order=st.permutations(range(4)), first=st.lists(part, max_size=4), then=part)
def test_parts_are_those_of_an_array(
    on_file: FilePixels, gap: int, order: list[int], first: list[int | slice], then: int | slice
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_pixels, "READ_BYTES", gap)
        expected = reference().transpose(order)[tuple(first)]
        found = on_file.transpose(order)[tuple(first)]
        if np.ndim(expected) and len(expected) > 2:
            expected, found = expected[then], found[then]
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_array_equal(np.asarray(found), expected)


def test_what_numpy_can_do(tmp_path: Path) -> None:
    found, expected = pixels(tmp_path), reference()
    assert (found.shape, found.dtype, found.nbytes) == (SHAPE, expected.dtype, expected.nbytes)
    assert found[1, 2, 3, 4] == expected[1, 2, 3, 4] and isinstance(found[0, 0, 0, 0], np.uint16)
    assert found[0].max() == expected[0].max() and found.mean() == expected.mean()
    np.testing.assert_array_equal(found[1] * 2 > 500, expected[1] * 2 > 500)
    np.testing.assert_array_equal(found[[2, 0]], expected[[2, 0]])
    np.testing.assert_array_equal(found[expected > 50], expected[expected > 50])
    np.testing.assert_array_equal(
        np.flip(np.moveaxis(found, -1, 0), 2), expected.transpose(3, 0, 1, 2)[:, :, ::-1]
    )
    for copied in (copy.deepcopy(found), pickle.loads(pickle.dumps(found[2]))):
        assert isinstance(copied, np.ndarray)
    with pytest.raises(IndexError):
        found[3]
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 0
    assert not hasattr(found, "dask") and not hasattr(found, "chunks")


def test_it_is_told_from_other_pixels(tmp_path: Path) -> None:
    found = pixels(tmp_path)
    again = FilePixels(OpenFile(tmp_path / "a"), np.dtype(">u2"), SHAPE, 4)
    assert found.name == again.name
    assert len({found.name, found[1].name, found[1:].name, found.transpose(1, 0, 2, 3).name}) == 4


@pytest.mark.parametrize("positioned", [True, False])
def test_threads_read_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, positioned: bool
) -> None:
    """Where a system has no reading at a place (Windows), each waits for its turn."""
    if not positioned:
        monkeypatch.delattr(os, "preadv", raising=False)
    found, expected = pixels(tmp_path, "<u2", (200, 30, 20)), reference((200, 30, 20))
    with ThreadPoolExecutor(8) as pool:
        for number, plane in enumerate(pool.map(lambda n: np.asarray(found[n]), range(200))):
            np.testing.assert_array_equal(plane, expected[number])


def test_a_file_cut_short_while_it_is_read_is_one_sentence(tmp_path: Path) -> None:
    """Where files are mapped, it would end the program by a signal."""
    code = """
import os, sys
from napari_autolut.io import ImageFileError, read_image
pixels = read_image(sys.argv[1], memmap_above=0).data
assert pixels[0, 0] == 7
os.truncate(sys.argv[1], 100_000)
try:
    pixels[-9:].max()
except ImageFileError as error:
    print(error)
"""
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.full((600, 700), 7, np.uint16))
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{path}: ends before its pixels do; it was cut short while it was read\n"


def test_a_file_cut_short_ends_a_run_with_its_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upscaling, "LARGE", 0)
    monkeypatch.setattr(tiff_tiles, "MAX_TILE_SIDE", 48)
    path, out = tmp_path / "a.tif", tmp_path / "out.tif"
    tifffile.imwrite(path, picture((100, 120), "uint16"))
    steps = upscale_file_steps(path, out, small_model("m-x2", 2))
    next(steps)
    os.truncate(path, 10_000)
    with pytest.raises(ImageFileError, match=r"a\.tif: ends before its pixels do"):
        list(steps)
    assert [each.name for each in tmp_path.iterdir()] == ["a.tif"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has such a device")
def test_no_room_for_decoded_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of a mapped file that find no room end the program; a write that does not is said."""
    temporary = TemporaryPixels(tmp_path / "a.tif", np.dtype("u1"), (4, 4))
    monkeypatch.setattr(on_disk, "gettempdir", lambda: str(tmp_path))
    with FileIO("/dev/full", "w") as full, pytest.raises(OSError, match=tmp_path.name):
        monkeypatch.setattr(temporary.file, "stream", full)
        temporary.write((0,), np.ones(4, np.uint8))


def test_tiles_beside_one_another_are_read_with_their_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_pixels, "READ_BYTES", 64)
    found, expected = pixels(tmp_path, ">u2", (2, 60, 500)), reference((2, 60, 500))
    reads: list[int] = []
    read = OpenFile.read
    monkeypatch.setattr(OpenFile, "read", lambda *args: reads.append(args[1]) or read(*args))
    for plane, top, left in np.ndindex(2, 3, 10):
        part = plane, slice(20 * top, 20 * top + 22), slice(50 * left, 50 * left + 57)
        np.testing.assert_array_equal(np.asarray(found[part]), expected[part])
    assert len(reads) < 2 * 3 * 25


def test_no_more_is_read_at_once_than_macos_allows(tmp_path, monkeypatch):
    read, most = OpenFile._read_some, 2**10

    def refused(file, place, target):
        if len(target) > most:
            raise OSError(errno.EINVAL, "Invalid argument")
        return read(file, place, target)

    monkeypatch.setattr(open_file, "MAX_READ", most)
    monkeypatch.setattr(OpenFile, "_read_some", refused)
    found = pixels(tmp_path, ">u2", (2, 60, 500))
    np.testing.assert_array_equal(np.asarray(found), reference((2, 60, 500)))


def test_a_file_whose_last_users_refer_to_each_other_is_closed(tmp_path):
    """As those in an error's frames do; Python would destroy its stream first, with a warning."""
    (tmp_path / "a").write_bytes(b"pixels")
    stream = FileIO(tmp_path / "a")
    number, file = stream.fileno(), OpenFile(tmp_path / "a", stream)
    vars(file)["user"] = file
    del file, stream
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        gc.collect()
    assert not found
    with pytest.raises(OSError) as caught:  # in words of the system
        os.fstat(number)
    assert caught.value.errno == errno.EBADF


def test_where_no_temporary_file_can_be_created_few_names_are_tried(tmp_path, monkeypatch):
    """Windows says of such a folder that it can be written."""
    tried = []

    def denied(**_):
        tried.append(tempfile.TMP_MAX)
        raise FileExistsError(errno.EEXIST, "No usable temporary file name found")

    monkeypatch.setattr(on_disk, "TemporaryFile", denied)
    with pytest.raises(OSError, match="no file can be created there; let TMPDIR") as error:
        TemporaryPixels(tmp_path / "a.tif", np.dtype("u1"), (4, 4))
    assert error.value.filename == tempfile.gettempdir()
    assert tried == [TRIES]
