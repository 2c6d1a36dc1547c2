"""NRRD files as pynrrd and other programs write them."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_autolut.io import ImageFileError, list_series, read_image
from tests.pictures import picture

nrrd = pytest.importorskip("nrrd", reason="pynrrd is not installed")

# Of pynrrd's writer, under newer Pythons.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

UPRIGHT = np.diag([0.5, 0.25, 2.0])
PLACED = {"space": "left-posterior-superior", "space directions": UPRIGHT,
          "space origin": np.array([-3.0, 4.0, 10.0])}  # fmt: skip


def written(path: Path, data: np.ndarray, **header: Any) -> Path:
    """Write an array whose first axis is the outermost one."""
    nrrd.write(str(path), data, {"encoding": "raw", **header}, index_order="C")
    return path


@pytest.mark.parametrize("memmap_above", [0, np.inf])
@pytest.mark.parametrize("encoding", ["raw", "gzip"])
@pytest.mark.parametrize(
    "dtype", ["uint8", "int16", "uint16", "uint32", "float32", "float64", ">i2"]
)
def test_pixels_sizes_and_places(
    tmp_path: Path, dtype: str, encoding: str, memmap_above: float
) -> None:
    data = picture((3, 20, 30), "uint16", top=200).astype(dtype)
    path = written(tmp_path / "a.nrrd", data, encoding=encoding, **PLACED)
    found = read_image(path, memmap_above=memmap_above)
    assert (found.axes, found.unit, found.not_kept) == ("ZYX", "mm", ())
    assert found.pixel_size == pytest.approx({"Z": 2.0, "Y": 0.25, "X": 0.5})
    assert found.origin == pytest.approx({"Z": 10.0, "Y": 4.0, "X": -3.0})
    np.testing.assert_array_equal(np.asarray(found.data), data)
    assert list_series(path)[0].lengths == {"Z": 3, "Y": 20, "X": 30}


def test_a_turned_volume_has_sizes_and_no_place(tmp_path: Path) -> None:
    directions = np.array([[0.0, 0.5, 0.0], [0.25, 0.0, 0.0], [0.0, 0.0, 2.0]])
    placed = {**PLACED, "space directions": directions, "space units": ["um"] * 3}
    found = read_image(written(tmp_path / "a.nrrd", picture((3, 20, 30)), **placed))
    assert found.unit == "µm" and not found.origin and len(found.not_kept) == 1
    assert found.pixel_size == pytest.approx({"Z": 2.0, "Y": 0.25, "X": 0.5})


@pytest.mark.parametrize(
    ("shape", "kinds", "axes"),
    [
        ((20, 30, 3), ["RGB-color", "domain", "domain"], "YXS"),
        ((2, 20, 30, 4), ["RGBA-color", "space", "space", "space"], "ZYXS"),
        ((20, 30, 3), ["vector", "domain", "domain"], "YXC"),
        ((5, 20, 30), ["domain", "domain", "time"], "TYX"),
        ((5, 3, 20, 30), ["domain"] * 4, "TZYX"),
        ((1, 20, 30), ["domain"] * 3, "YX"),
    ],
)
def test_axes_by_their_kinds(
    tmp_path: Path, shape: tuple[int, ...], kinds: list[str], axes: str
) -> None:
    data = picture(shape)
    found = read_image(written(tmp_path / "a.nrrd", data, kinds=kinds))
    assert (found.axes, dict(found.pixel_size), found.unit) == (axes, {}, None)
    np.testing.assert_array_equal(found.data, data if len(axes) == data.ndim else data[0])


def test_segments_of_3d_slicer_are_labels(tmp_path: Path) -> None:
    said = {"Segmentation_MasterRepresentation": "Binary labelmap", "Segment0_ID": "Segment_1"}
    assert read_image(written(tmp_path / "a.seg.nrrd", picture((3, 20, 30)), **said)).labels
    assert not read_image(written(tmp_path / "b.nrrd", picture((3, 20, 30)))).labels


def test_spacings_and_units(tmp_path: Path) -> None:
    """Each axis has its own; a size without a unit beside those that have one is none."""
    said = {"spacings": [500.0, 0.25, 2.0], "units": ["nm", "um", ""]}
    found = read_image(written(tmp_path / "a.nrrd", picture((3, 20, 30)), **said))
    assert found.unit == "µm" and found.pixel_size == pytest.approx({"Y": 0.25, "X": 0.5})
    said = {"spacings": [1.0, 1.0, 250.0], "units": ["", "", "ms"],
            "kinds": ["domain", "domain", "time"]}  # fmt: skip
    found = read_image(written(tmp_path / "b.nrrd", picture((3, 20, 30)), **said))
    assert found.pixel_size == {"T": 0.25, "Y": 1.0, "X": 1.0} and found.unit is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda text: text[:-9], "ends before its pixels do"),
        (
            lambda text: text.replace(b"\n\n", b"\ndata file: ../raw\n\n", 1),
            "save it as one",
        ),
        (lambda text: text.replace(b"encoding: raw", b"encoding: hex"), "expected raw or gzip"),
        (lambda text: text.replace(b"type: uint8", b"type: block"), "of the type block"),
        (lambda text: text.replace(b"sizes: 30 20 3", b"sizes: 30 20 900000000"), "ends before"),
        (lambda text: text.replace(b"NRRD000", b"NOTHING"), "no header of NRRD"),
        (lambda text: text.replace(b"sizes: 30 20 3", b"sizes: 30 20"), "found axes of"),
    ],
    ids=["short", "elsewhere", "encoding", "type", "sizes", "magic", "sides"],
)
def test_what_is_damaged_or_elsewhere(tmp_path: Path, change: Any, problem: str) -> None:
    path = written(tmp_path / "a.nrrd", picture((3, 20, 30)))
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ImageFileError, match=problem) as error:
        read_image(path)
    assert "\n" not in str(error.value)


def test_pixels_that_unpack_to_more_are_not_unpacked(tmp_path: Path) -> None:
    path = written(tmp_path / "a.nrrd", np.zeros((300, 200, 300), np.uint8), encoding="gzip")
    path.write_bytes(path.read_bytes().replace(b"sizes: 300 200 300", b"sizes: 300 200 2"))
    assert read_image(path).data.shape == (2, 200, 300)


def test_gzip_in_several_pieces_is_read_whole(tmp_path: Path) -> None:
    """As bgzip and pigz write it; zeros may follow."""
    data = picture((3, 20, 30))
    path = written(tmp_path / "a.nrrd", data, encoding="gzip")
    header = path.read_bytes().partition(b"\n\n")[0] + b"\n\n"
    plain = data.tobytes()
    pieces = b"".join(gzip.compress(plain[at : at + 500]) for at in range(0, len(plain), 500))
    path.write_bytes(header + pieces + bytes(9))
    np.testing.assert_array_equal(read_image(path).data, data)
    path.write_bytes(header + pieces[:-40])
    with pytest.raises(ImageFileError, match="ends before its pixels do"):
        read_image(path)
