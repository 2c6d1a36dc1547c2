"""Labels beside the images of an OME-Zarr: they come along, whatever is done to the image."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_autolut.arrays import finish
from napari_autolut.batch import (
    denoise_file_steps,
    upscale_file_steps,
)
from napari_autolut.batch.files.options import FileOptions
from napari_autolut.io import ImageFile, read_image
from napari_autolut.model import LutModel
from tests.batch.files.labelled import SIZES, doubled, numbers
from tests.pictures import picture

# --- OME-Zarr ------------------------------------------------------------------------------------


def with_labels(path: Path, version: str, **labels: ImageFile) -> Path:
    """An OME-Zarr of an image, with labels beside it, as other programs write them."""
    zarr = pytest.importorskip("zarr", reason="the extra zarr is not installed")
    pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")
    from napari_autolut.io.zarr.writing import write_zarr

    data = picture((2, 60, 48), "uint16", top=4000)
    write_zarr(path, ImageFile(data, "CYX", SIZES, "µm", origin={"Y": 3.0}), version=version)
    said = {"labels": list(labels)}
    new = version == "0.5"
    group = zarr.create_group(path / "labels", zarr_format=3 if new else 2)
    group.attrs.update({"ome": {"version": "0.5", **said}} if new else said)
    for name, image in labels.items():
        apart = path.with_name("labels.zarr")
        write_zarr(apart, image, version=version)
        apart.rename(path / "labels" / name)
    return path


def labels_image(dtype: str = "uint64", **said: object) -> ImageFile:
    return ImageFile(numbers(dtype), "YX", SIZES, "µm", origin={"Y": 3.0}, labels=True,
                     metadata={"image-label": said})  # fmt: skip


COLOURS = [{"label-value": 7, "rgba": [1, 2, 3, 255]}]
PROPERTIES = [{"label-value": 7, "area": 80.5, "class": "mitosis"}]


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize("dtype", ["uint8", "int32", "uint64", "int64"])
def test_labels_of_an_ome_zarr_come_along(
    tmp_path: Path, model: LutModel, version: str, dtype: str
) -> None:
    labels = labels_image(dtype, colors=COLOURS, properties=PROPERTIES)
    source = with_labels(tmp_path / "in.zarr", version, cells=labels)
    out = tmp_path / "out.zarr"
    options = FileOptions(zarr_version=version)
    done = finish(upscale_file_steps(source, out, model, options=options))
    assert done.note == "labels cells enlarged by nearest neighbour, their numbers kept"
    import zarr

    found = zarr.open_group(out / "labels" / "cells", mode="r")
    np.testing.assert_array_equal(found["0"][...], doubled(numbers(dtype)))
    assert found["0"].dtype == dtype
    said = dict(zarr.open_group(out / "labels", mode="r").attrs)
    assert (said["ome"] if version == "0.5" else said)["labels"] == ["cells"]
    own = dict(found.attrs)["ome"] if version == "0.5" else dict(found.attrs)
    source_image = {"source": {"image": "../../"}}
    assert own["image-label"] == {"colors": COLOURS, "properties": PROPERTIES, **source_image}
    image, beside = read_image(out), read_image(out / "labels" / "cells")
    assert (image.pixel_size, image.origin) == (beside.pixel_size, beside.origin)
    assert not image.labels
    assert beside.labels


@pytest.mark.skipif(os.name == "nt", reason="Windows takes no such names, which others do")
def test_names_of_labels_are_such_as_every_disk_takes(tmp_path: Path, model: LutModel) -> None:
    names = {"aux": "_aux", "cells?": "cells_", "Cells_": "Cells_-2", "nuclei": "nuclei"}
    labels = {
        name: labels_image(dtype)
        for name, dtype in zip(names, ("uint8", "int32", "uint64", "int64"), strict=True)
    }
    source, out = with_labels(tmp_path / "in.zarr", "0.5", **labels), tmp_path / "out.zarr"
    finish(upscale_file_steps(source, out, model))
    said = json.loads((out / "labels" / "zarr.json").read_text())["attributes"]["ome"]["labels"]
    assert said == list(names.values())
    for name, made in names.items():
        found = read_image(out / "labels" / made)
        np.testing.assert_array_equal(found.data, doubled(labels[name].data))


def test_labels_of_the_fields_of_a_plate(tmp_path: Path, model: LutModel) -> None:
    zarr = pytest.importorskip("zarr", reason="the extra zarr is not installed")
    plate = {"wells": [{"path": "A/1", "rowIndex": 0, "columnIndex": 0}],
             "rows": [{"name": "A"}], "columns": [{"name": "1"}]}  # fmt: skip
    source, out = tmp_path / "in.zarr", tmp_path / "out.zarr"
    zarr.create_group(source).attrs["ome"] = {"version": "0.5", "plate": plate}
    zarr.create_group(source / "A")
    well = {"images": [{"path": "0"}, {"path": "1"}]}
    zarr.create_group(source / "A" / "1").attrs["ome"] = {"version": "0.5", "well": well}
    with_labels(source / "A" / "1" / "0", "0.5", cells=labels_image())
    with_labels(source / "A" / "1" / "1", "0.5", nuclei=labels_image("uint8"))
    done = finish(upscale_file_steps(source, out, model))
    assert done.note.endswith(
        "labels cells, nuclei enlarged by nearest neighbour, their numbers kept"
    )
    for name, dtype in (("0/labels/cells", "uint64"), ("1/labels/nuclei", "uint8")):
        found = read_image(out / "A" / "1" / name)
        np.testing.assert_array_equal(found.data, doubled(numbers(dtype)))
    assert not (out / "A" / "1" / "0" / "labels" / "nuclei").exists()


def test_labels_of_an_ome_zarr_are_left_out_of_a_tiff(tmp_path: Path, model: LutModel) -> None:
    source = with_labels(tmp_path / "in.zarr", "0.5", cells=labels_image(), nuclei=labels_image())
    done = finish(upscale_file_steps(source, tmp_path / "out.tif", model))
    assert done.note == "left out: the labels cells, nuclei; a result named .zarr keeps them"


def test_labels_come_along_as_they_are_where_noise_is_taken_away(tmp_path: Path) -> None:
    source = with_labels(tmp_path / "in.zarr", "0.5", cells=labels_image())
    done = finish(denoise_file_steps(source, tmp_path / "out.zarr"))
    assert "labels cells carried along, their numbers kept" in done.note
    result = read_image(tmp_path / "out.zarr" / "labels" / "cells")
    np.testing.assert_array_equal(result.data, numbers("uint64"))
    assert result.history == ()


def test_labels_alone_and_of_another_size(tmp_path: Path, model: LutModel) -> None:
    source = with_labels(tmp_path / "in.zarr", "0.5", cells=labels_image("int64"))
    done = finish(upscale_file_steps(source / "labels" / "cells", tmp_path / "b.tif", model))
    assert done.model == "nearest neighbour"
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "b.tif"), doubled(numbers("int64")))


@pytest.mark.parametrize("name", ["../../secret", "gone", "cells", "pixels"])
def test_labels_that_cannot_be_read_stop_nothing(
    tmp_path: Path, model: LutModel, name: str
) -> None:
    source = with_labels(tmp_path / "in.zarr", "0.5", cells=labels_image())
    if name == "cells":
        (source / "labels" / "cells" / "zarr.json").write_text("{")
    elif name == "pixels":
        chunks = (source / "labels" / "cells" / "0" / "c").rglob("[0-9]*")
        next(each for each in chunks if each.is_file()).write_bytes(b"damaged")
    else:
        with_labels(tmp_path / "secret", "0.5")
        said = json.loads((source / "labels" / "zarr.json").read_text())
        said["attributes"]["ome"]["labels"] = [name]
        (source / "labels" / "zarr.json").write_text(json.dumps(said))
    done = finish(upscale_file_steps(source, tmp_path / "out.zarr", model))
    assert done.note.startswith("left out: labels that cannot be read (")
    assert done.lost == done.note
    assert read_image(tmp_path / "out.zarr").data.shape == (2, 120, 96)
    assert not (tmp_path / "out.zarr" / "labels").exists()


def test_work_on_labels_is_resumed(
    tmp_path: Path, model: LutModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = with_labels(tmp_path / "in.zarr", "0.5", a=labels_image(), b=labels_image())
    out = tmp_path / "out.zarr"
    steps = upscale_file_steps(source, out, model)
    seen = [next(steps) for _ in range(2)]
    assert seen[-1].done < seen[-1].total
    steps.close()
    assert not out.exists()
    done = finish(upscale_file_steps(source, out, model))
    assert done.note.startswith("labels a, b enlarged")
    for name in "ab":
        np.testing.assert_array_equal(
            read_image(out / "labels" / name).data, doubled(numbers("uint64"))
        )
    left = [each.name for each in out.rglob(".*")]
    assert left == []
