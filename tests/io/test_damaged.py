"""Thousands of damaged files: one sentence each, or an image, and not a word more."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_autolut.io import ImageFile, ImageFileError, read_image, write_image
from tests.io.foreign.leica import write_lif
from tests.io.foreign.microscope_files import write_czi, write_dv
from tests.io.foreign.nikon import write_nd2
from tests.io.png_kinds import png
from tests.io.tiff.kinds import OF_IMAGES, PLAIN, Kind, smooth, write_tiff
from tests.pictures import noise


def make(kind: str, path: Path) -> None:
    data = smooth((23, 18, 3), 255, "uint8")
    match kind.split():
        case ["tiff", number, *layout]:
            tile = 16 if "tiles" in layout else 0
            shown = Kind(2, int(number), tile=tile, big="big" in layout)
            write_tiff(path, (data, shown), (data[::-1].copy(), shown))
        case ["tiff-jpeg"]:
            tifffile.imwrite(path, data, photometric="rgb", compression="jpeg")
        case ["ycbcr"]:
            write_tiff(path, (data, Kind(6, 5, rows_per_strip=8, subsampling=(2, 2))))
        case ["palette"]:
            tags = {320: (3, tuple(noise((768,), "uint16").tolist()))}
            write_tiff(path, (data[..., 0], Kind(3, 5, tags=tags)))
        case ["ome" | "imagej" as dialect]:
            stack = smooth((23, 18, 6), 999, "uint16").transpose(2, 0, 1).reshape(3, 2, 23, 18)
            options = {"metadata": {"axes": "ZCYX"}, dialect: True}
            tifffile.imwrite(path, stack, photometric="minisblack", **options)
        case ["pyramid"]:
            with tifffile.TiffWriter(path) as writer:
                writer.write(data, subifds=1, metadata=None, photometric="rgb", tile=(16, 16))
                writer.write(data[::2, ::2], subfiletype=1, photometric="rgb")
        case ["png16"]:
            write_image(path, ImageFile(noise((20, 30, 3), "uint16"), "YXS"))
        case ["png-palette"]:
            path.write_bytes(png(data[..., 0] >> 4, 4, palette=noise((16, 3)), interlaced=True))
        case ["dicom" | "dicom-deflated"]:
            pydicom = import_module("pydicom")
            found = pydicom.dcmread(pydicom.data.get_testdata_file("MR_small.dcm"))
            if kind == "dicom-deflated":
                found.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
            found.save_as(path)
        case ["mrc"]:
            with import_module("mrcfile").new(path) as file:
                file.set_data(noise((9, 8, 7), "int16"))
        case ["nifti" | "nifti-gz"]:
            image = import_module("nibabel").Nifti1Image(noise((9, 8, 7), "int16"), np.eye(4))
            image.to_filename(path)
        case ["nrrd", encoding]:
            volume = noise((9, 8, 7), "int16")
            with warnings.catch_warnings():  # of its writer, under newer Pythons
                warnings.simplefilter("ignore", DeprecationWarning)
                import_module("nrrd").write(str(path), volume, {"encoding": encoding})
        case ["czi"]:
            write_czi(path, noise((2, 2, 3, 12, 14, 1), "uint16"))
        case ["nd2"]:
            write_nd2(path, noise((1, 2, 3, 2, 12, 14), "uint16"), ["a", "b"])
        case ["lif"]:
            write_lif(path, {"a": noise((2, 3, 2, 12, 14), "uint16")})
        case ["dv"]:
            write_dv(path, noise((2, 3, 4, 12, 14), "uint16"), "CTZ", "<")
        case [other]:
            Image.fromarray(data).save(path, format=other)


TIFF_KINDS = [f"tiff {number}" for number in (*PLAIN, *OF_IMAGES)]
TIFF_KINDS += ["tiff 1 tiles", "tiff 8 tiles big", "tiff-jpeg", "ycbcr", "palette", "ome", "imagej",
               "pyramid"]  # fmt: skip
KINDS = dict.fromkeys(TIFF_KINDS, ".tif")
KINDS |= {"png16": ".png", "png-palette": ".png", "png": ".png", "jpeg": ".jpg", "webp": ".webp",
          "bmp": ".bmp"}  # fmt: skip
if find_spec("pydicom"):
    KINDS |= {"dicom": ".dcm", "dicom-deflated": ".dcm"}
if find_spec("mrcfile"):
    KINDS |= {"mrc": ".mrc"}
if find_spec("nibabel"):
    KINDS |= {"nifti": ".nii", "nifti-gz": ".nii.gz"}
if find_spec("nrrd"):
    KINDS |= {"nrrd raw": ".nrrd", "nrrd gzip": ".nrrd"}
for _kind, _suffix in {"czi": ".czi", "nd2": ".nd2", "lif": ".lif", "dv": ".dv"}.items():
    if find_spec(f"bioio_{_kind}"):
        KINDS[_kind] = _suffix


SLOW_KINDS = ("czi", "nd2", "lif", "dv", "nifti-gz")
"""Of which a file takes a third of a second: bioio looks for a reader, or tries another one."""


def fewer(kind: str, count: int) -> int:
    """How many files of a kind take no longer than others."""
    return max(5, count // 20) if kind in SLOW_KINDS else count


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Bytes changed, cut off, left out, put in, or numbers made large."""
    data = bytearray(content)
    for _ in range(int(rng.integers(1, 6))):
        place = int(rng.integers(len(data)))
        near_the_start = int(rng.integers(min(len(data), 200)))
        match int(rng.integers(6)):
            case 0:
                data[place] = int(rng.integers(256))
            case 1:
                data[near_the_start] ^= 1 << int(rng.integers(8))
            case 2:
                data[place : place + 4] = b"\xff\xff\xff\x7f"
            case 3:
                del data[place : place + int(rng.integers(1, 20))]
            case 4:
                data[place:place] = rng.bytes(int(rng.integers(1, 20)))
            case _ if len(data) > 40:
                del data[max(20, place) :]
        data = data or bytearray(1)
    return bytes(data)


def check(
    kind: str, path: Path, count: int, before_each: Callable[[], object] = lambda: None
) -> int:
    """Damage a file again and again; how often it was refused."""
    make(kind, path)
    content = path.read_bytes()
    read_image(path)
    rng = np.random.default_rng(len(kind) * count)
    refused = 0
    for _ in range(count):
        before_each()
        path.write_bytes(damaged(content, rng))
        try:
            image = read_image(path)
        except ImageFileError as error:
            refused += 1
            sentence = str(error)
            assert sentence.startswith(f"{path}: ") and "\n" not in sentence
            assert len(sentence) < len(str(path)) + 500, sentence
        else:
            assert image.data.ndim == len(image.axes)
    assert refused > count // 10
    return refused


@pytest.mark.parametrize("kind", KINDS)
def test_some_damaged_files(tmp_path: Path, kind: str) -> None:
    check(kind, tmp_path / f"a{KINDS[kind]}", fewer(kind, 40))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_damaged_files_of_every_format(tmp_path: Path, kind: str) -> None:
    count = 1000 if KINDS[kind] != ".tif" else 100
    check(kind, tmp_path / f"a{KINDS[kind]}", fewer(kind, count))


def test_libraries_say_nothing(tmp_path: Path) -> None:
    """In a process of its own: pytest takes logs and warnings away."""
    code = "from tests.io.test_damaged import check_all; check_all(__import__('sys').argv[1])"
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path)]
    run = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def check_all(folder: str) -> None:
    for kind, suffix in KINDS.items():
        check(kind, Path(folder, f"a{suffix}"), fewer(kind, 25))
