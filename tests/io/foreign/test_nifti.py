"""NIfTI files that nibabel writes: axes, sizes, units and places."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_autolut.io import ImageFileError, list_series, read_image
from tests.io.foreign.folder import enlarged
from tests.pictures import picture

nibabel = pytest.importorskip("nibabel", reason="nibabel is not installed")

VOLUME = picture((4, 10, 12), "int16")


def written(
    path: Path,
    data: np.ndarray,
    affine: Any = None,
    units: tuple[str, ...] = ("mm", "sec"),
    kind: str = "Nifti1Image",
    **fields: Any,
) -> Path:
    """Write an array whose first axis is the slowest, as it is indexed here."""
    image = getattr(nibabel, kind)(data.T, affine)
    image.header.set_xyzt_units(*units)
    for name, value in fields.items():
        image.header[name] = value
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".NII"])
@pytest.mark.parametrize("kind", ["Nifti1Image", "Nifti2Image"])
@pytest.mark.parametrize("memmap_above", [0, np.inf])
def test_a_volume(tmp_path: Path, suffix: str, kind: str, memmap_above: float) -> None:
    affine = np.diag([0.2, 0.3, 2.0, 1.0])
    affine[:3, 3] = 1, 2, 3
    path = written(tmp_path / f"a{suffix}", VOLUME, affine, kind=kind)
    (listed,) = list_series(path)
    assert dict(listed.lengths) == {"Z": 4, "Y": 10, "X": 12}
    found = read_image(path, memmap_above=memmap_above)
    assert (found.axes, found.unit, found.not_kept) == ("ZYX", "mm", ())
    assert found.pixel_size == pytest.approx({"X": 0.2, "Y": 0.3, "Z": 2.0})
    assert found.origin == pytest.approx({"X": 1, "Y": 2, "Z": 3})
    np.testing.assert_array_equal(np.asarray(found.data), VOLUME)


@pytest.mark.parametrize(
    ("units", "unit", "size", "interval"),
    [(("micron", "msec"), "µm", 5.0, 0.0025), (("meter", "usec"), "m", 5.0, 2.5e-6),
     (("unknown", "unknown"), None, 5.0, None), (("mm", "hz"), "mm", 5.0, None)],
)  # fmt: skip
def test_units(
    tmp_path: Path, units: tuple[str, ...], unit: str | None, size: float, interval: float | None
) -> None:
    data = picture((3, 4, 10, 12), "uint16")
    path = written(tmp_path / "a.nii", data, np.diag([5.0, 5, 5, 1]), units)
    image = nibabel.load(path)
    image.header.set_zooms((5, 5, 5, 2.5))
    image.header["toffset"] = 20
    nibabel.save(image, tmp_path / "b.nii")
    found = read_image(tmp_path / "b.nii")
    assert (found.axes, found.unit, found.pixel_size["X"]) == ("TZYX", unit, size)
    assert found.pixel_size.get("T") == (interval and pytest.approx(interval))
    assert found.origin.get("T") == (interval and pytest.approx(8 * interval))
    np.testing.assert_array_equal(found.data, data)


@pytest.mark.parametrize("order", "<>")
def test_stored_values_in_either_order(tmp_path: Path, order: str) -> None:
    header = nibabel.Nifti1Header(endianness=order)
    header.set_data_dtype(np.int16)
    header["scl_slope"], header["scl_inter"] = 2.0, 10.0
    image = nibabel.Nifti1Image(VOLUME.T * 2.0 + 10, np.eye(4), header)
    nibabel.save(image, tmp_path / "a.nii")
    found = read_image(tmp_path / "a.nii")
    stored = nibabel.load(tmp_path / "a.nii").dataobj.get_unscaled().T
    np.testing.assert_array_equal(found.data, stored)
    scaled = nibabel.load(tmp_path / "a.nii").header.get_slope_inter() != (1.0, 0.0)
    assert found.data.dtype.isnative
    assert any("factor and offset" in word for word in found.not_kept) == scaled


def test_what_lies_turned_keeps_its_sizes_and_no_place(tmp_path: Path) -> None:
    affine = np.array([[0, 0.3, 0, 5], [-0.2, 0, 0, 6], [0, 0, 2, 7], [0, 0, 0, 1]])
    found = read_image(written(tmp_path / "a.nii", VOLUME, affine))
    assert found.pixel_size == pytest.approx({"X": 0.2, "Y": 0.3, "Z": 2.0})
    assert dict(found.origin) == {} and "direction in the world" in found.not_kept[0]


def test_colours_labels_and_planes(tmp_path: Path) -> None:
    colours = picture((4, 10, 12, 3))
    kind = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    packed = np.ascontiguousarray(colours).view(kind)[..., 0]
    found = read_image(written(tmp_path / "a.nii", packed))
    assert found.axes == "ZYXS"
    np.testing.assert_array_equal(found.data, colours)
    assert read_image(written(tmp_path / "b.nii", VOLUME, intent_code=1002)).labels
    assert read_image(written(tmp_path / "c.nii", VOLUME[0])).axes == "YX"


def test_a_folder_of_them(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    written(tmp_path / "in" / "a.nii.gz", VOLUME.astype(np.uint16), np.diag([0.2, 0.3, 2, 1]))
    found = read_image(enlarged(tmp_path / "in"))
    assert (found.axes, found.unit) == ("ZYX", "mm")
    assert found.pixel_size == pytest.approx({"X": 0.1, "Y": 0.15, "Z": 2.0})


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"magic": b"ni1"}, "without its pixels"), ({"vox_offset": 1e9}, "begin at byte"),
     ({"dim": [3, 12, 10, 30000, 1, 1, 1, 1]}, "ends before its pixels do")],
)  # fmt: skip
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_headers_that_lie(tmp_path: Path, suffix: str, fields: dict[str, Any], words: str) -> None:
    path = written(tmp_path / "a.nii", VOLUME)
    header = nibabel.load(path).header
    header["vox_offset"] = 352
    for name, value in fields.items():
        header[name] = value
    content = header.binaryblock + path.read_bytes()[348:]
    path = tmp_path / f"b{suffix}"
    path.write_bytes(gzip.compress(content) if suffix == ".nii.gz" else content)
    with pytest.raises(ImageFileError, match=words) as error:
        read_image(path)
    assert "\n" not in str(error.value)


def test_what_a_header_leaves_out_is_not_made_up(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """nibabel takes 1 for sizes of 0, with a line on the screen."""
    path = written(tmp_path / "a.nii", VOLUME)
    header = nibabel.load(path).header
    header["pixdim"], header["sform_code"], header["vox_offset"] = 0, 0, 0
    path.write_bytes(header.binaryblock + path.read_bytes()[348:])
    found = read_image(path)
    assert dict(found.pixel_size) == {} and capfd.readouterr().err == ""
    np.testing.assert_array_equal(found.data, VOLUME)


def test_files_that_are_cut_off_or_none(tmp_path: Path) -> None:
    whole = written(tmp_path / "a.nii.gz", VOLUME).read_bytes()
    for content in (whole[: len(whole) // 2], whole[:20], b"any text", bytes(1000)):
        for name in ("b.nii", "b.nii.gz"):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(ImageFileError) as error:
                read_image(tmp_path / name)
            assert "\n" not in str(error.value)
