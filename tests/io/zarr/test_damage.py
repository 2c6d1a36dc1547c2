"""Bad Zarrs: one sentence that names the folder, and nothing that costs memory or leaves it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from napari_autolut.io import ImageFile, ImageFileError, read_image
from napari_autolut.io.zarr import levels
from napari_autolut.io.zarr.folder import inside
from napari_autolut.io.zarr.writing import write_zarr
from tests.io.zarr.described import changed, said
from tests.pictures import picture


def endless_number(path: Path) -> None:
    text = (path / "zarr.json").read_text()
    (path / "zarr.json").write_text(text.replace("1.0", "9" * 400))


def no_metadata(path: Path) -> None:
    (path / "zarr.json").unlink()


def no_json(path: Path) -> None:
    (path / "zarr.json").write_text('{"zarr_format": 3, ')


def deep_json(path: Path) -> None:
    (path / "zarr.json").write_text("[" * 100_000)


def json_list(path: Path) -> None:
    (path / "zarr.json").write_text("[1, 2]")


def not_finite(path: Path) -> None:
    text = (path / "zarr.json").read_text()
    (path / "zarr.json").write_text(text.replace("1.0", "NaN"))


def binary(path: Path) -> None:
    (path / "zarr.json").write_bytes(bytes(range(256)))


def attributes_are_a_list(path: Path) -> None:
    changed(path / "zarr.json", lambda c: c.update(attributes=[1]))


def multiscales_are_a_number(path: Path) -> None:
    changed(path / "zarr.json", lambda c: c["attributes"]["ome"].update(multiscales=5))


def no_axes(path: Path) -> None:
    changed(path / "zarr.json", lambda c: said(c).pop("axes"))


def too_many_axes(path: Path) -> None:
    axis = {"name": "z", "type": "space"}
    changed(path / "zarr.json", lambda c: said(c)["axes"].insert(0, axis))


def no_datasets(path: Path) -> None:
    changed(path / "zarr.json", lambda c: said(c).update(datasets=[]))


def no_chunks(path: Path) -> None:
    grid = {"name": "regular", "configuration": {"chunk_shape": [0, 0]}}
    changed(path / "0" / "zarr.json", lambda c: c.update(chunk_grid=grid))


def named(name: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        shutil.copytree(path / "0", path.parent / "outside")
        changed(path / "zarr.json", lambda c: said(c)["datasets"][0].update(path=name))

    return damage


def a_link_leads_out(path: Path) -> None:
    if os.name == "nt":
        pytest.skip("links ask for rights there")
    shutil.move(path / "0", path.parent / "outside")
    (path / "0").symlink_to(path.parent / "outside")


def no_level(path: Path) -> None:
    shutil.rmtree(path / "0")


def array(key: str, value: Any) -> Callable[[Path], None]:
    return lambda path: changed(path / "0" / "zarr.json", lambda c: c.update({key: value}))


def chunk_missing(path: Path) -> None:
    (path / "0" / "c" / "1" / "1").unlink()


def chunk_missing_without_levels(path: Path) -> None:
    changed(path / "zarr.json", lambda c: said(c).update(datasets=said(c)["datasets"][:1]))
    chunk_missing(path)


def chunk_cut_off(path: Path) -> None:
    chunk = path / "0" / "c" / "1" / "1"
    chunk.write_bytes(chunk.read_bytes()[:20])


def chunk_of_noise(path: Path) -> None:
    (path / "0" / "c" / "1" / "1").write_bytes(bytes(range(200)))


def huge_chunks(path: Path) -> None:
    grid = {"name": "regular", "configuration": {"chunk_shape": [2**30, 2**30]}}
    changed(path / "0" / "zarr.json", lambda c: c.update(chunk_grid=grid, shape=[2**40, 2**40]))


DAMAGES = {
    "no metadata": (no_metadata, "expected a Zarr"),
    "no JSON": (no_json, "no valid JSON"),
    "deep JSON": (deep_json, "no valid JSON"),
    "a list": (json_list, "expected an object"),
    "not finite": (not_finite, "no valid JSON"),
    "endless number": (endless_number, "found a number of 400 digits, expected at most 40"),
    "binary": (binary, "no valid JSON"),
    "attributes": (attributes_are_a_list, "expected an object"),
    "multiscales": (multiscales_are_a_number, "no image"),
    "no axes": (no_axes, "axes"),
    "too many axes": (too_many_axes, "axes"),
    "no datasets": (no_datasets, "datasets"),
    "name up": (named("../outside"), "outside"),
    "name up, as Windows does": (named("..\\outside"), "outside"),
    "absolute name": (named("/outside"), "outside"),
    "name of a drive": (named("C:outside"), "outside"),
    "name that is not there": (named("nothing"), "not there"),
    "link": (a_link_leads_out, "outside"),
    "level": (no_level, "not there"),
    "shape of nothing": (array("shape", [0, 48]), "0"),
    "negative shape": (array("shape", [-5, 48]), "in.zarr"),
    "shape of text": (array("shape", "large"), "in.zarr"),
    "shape beyond numbers": (array("shape", [10**30, 10**30]), "in.zarr"),
    "terabytes of pixels": (array("shape", [2**22, 2**22]), "missing"),
    "chunks of nothing": (no_chunks, "in.zarr"),
    "huge chunks": (huge_chunks, "chunks of"),
    "unknown codec": (array("codecs", [{"name": "nonesuch"}]), "nonesuch"),
    "text as pixels": (array("data_type", "string"), "in.zarr"),
    "chunk missing": (chunk_missing, r"1 of 9 chunks missing, the first at pixel \(16, 16\)"),
    "chunk missing, one level": (chunk_missing_without_levels, "1 of 9 chunks missing"),
    "chunk cut off": (chunk_cut_off, "cannot be read"),
    "chunk of noise": (chunk_of_noise, "cannot be read"),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_bad_input_is_one_sentence(path: Path, case: str) -> None:
    damage, words = DAMAGES[case]
    damage(path)
    with pytest.raises(ImageFileError, match=words) as error:
        read_image(path)
    assert "in.zarr" in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("version", ["0.5", "0.4"])
@pytest.mark.parametrize("damage", ["short", "cut off", "longer than its file", "huge"])
def test_headers_of_chunks_are_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, damage: str
) -> None:
    """The decoder of Blosc ends the program where a chunk is shorter than its header says."""
    monkeypatch.setattr(levels, "CHUNK", 16)
    monkeypatch.setattr(levels, "CHUNK_WITHOUT_SHARDS", 16)
    path = tmp_path / "a.zarr"
    write_zarr(path, ImageFile(picture((40, 40), "uint16") + 1, "YX"), version=version)
    chunk = sorted(each for each in (path / "0").rglob("*") if each.name in "0123")[-1]
    content = bytearray(chunk.read_bytes())
    match damage:
        case "short":
            content = content[:9]
        case "cut off":
            content = content[: len(content) // 2]
        case "longer than its file":
            content[12:16] = (2**30).to_bytes(4, "little")
        case "huge":
            content[4:8] = (2**31 - 64).to_bytes(4, "little")
    chunk.write_bytes(content)
    with pytest.raises(ImageFileError, match="found a chunk of"):
        _ = np.asarray(read_image(path).data)


def test_empty_chunks_that_were_left_out_are_no_damage(tmp_path: Path) -> None:
    data = np.zeros((64, 64), np.uint16)
    data[:20, :20] = picture((20, 20), "uint16") + 1
    group = zarr.create_group(tmp_path / "a.zarr")
    group.create_array("0", data=data, chunks=(16, 16))
    group.create_array("1", data=data[::2, ::2], chunks=(16, 16))
    steps = [[{"type": "scale", "scale": [size, size]}] for size in (1, 2)]
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{
        "axes": [{"name": name, "type": "space"} for name in "yx"],
        "datasets": [{"path": str(n), "coordinateTransformations": step}
                     for n, step in enumerate(steps)]}]}  # fmt: skip
    assert not (tmp_path / "a.zarr" / "0" / "c" / "3" / "3").exists()
    np.testing.assert_array_equal(read_image(tmp_path / "a.zarr").data, data)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    zarr.create_array(tmp_path / "a.zarr", shape=(2, 2), dtype="u1", zarr_format=2)
    changed(
        tmp_path / "a.zarr" / ".zarray", lambda c: c.update(dtype="|O", filters=[{"id": "pickle"}])
    )
    with pytest.raises(ImageFileError, match=r"a\.zarr"):
        read_image(tmp_path / "a.zarr")


def test_long_names_are_not_quoted_whole(path: Path) -> None:
    with pytest.raises(ImageFileError, match="which lies outside") as error:
        inside(path, "../" * 10_000)
    assert len(str(error.value)) < 1000


def test_a_file_named_as_a_zarr(tmp_path: Path) -> None:
    (tmp_path / "a.zarr").write_bytes(b"zip")
    with pytest.raises(ImageFileError, match="unpack"):
        read_image(tmp_path / "a.zarr")


def test_shards_of_chunks_without_number(tmp_path: Path) -> None:
    zarr.create_array(tmp_path / "a.zarr", shape=(2**11, 2**11), shards=(2**11, 2**11),
                      chunks=(1, 1), dtype="uint8")  # fmt: skip
    with pytest.raises(ImageFileError, match="shards of 4,194,304 chunks"):
        read_image(tmp_path / "a.zarr")
