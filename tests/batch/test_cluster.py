"""dask.distributed: arrays and files on a cluster of two processes of this machine."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import numpy as np
import pytest
import tifffile

from napari_autolut import upscale
from napari_autolut.arrays import Task, finish
from napari_autolut.batch import cluster
from napari_autolut.batch.cluster import connected
from napari_autolut.batch.files import results, upscaling
from napari_autolut.batch.files.options import UpscaleOptions
from napari_autolut.batch.files.upscaling import upscale_file_steps
from napari_autolut.engine.threads import Limits
from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.io.tiff import tiles as tiff_tiles
from napari_autolut.model import LutModel
from napari_autolut.storage import save_model
from tests.commandline import fails, succeeds
from tests.conftest import small_model
from tests.pictures import picture

distributed = pytest.importorskip("distributed", reason="the extra distributed is not installed")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def local_cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as running:
        yield running


@pytest.fixture
def address(local_cluster: Any) -> str:
    return str(local_cluster.scheduler_address)


def test_dask_arrays_give_the_same_bits(address: str, model: LutModel) -> None:
    image = picture((3, 90, 80), "uint16", top=9000)
    options = {"value_range": (0, 9000), "channel_axis": 0}
    lazy = upscale(da.from_array(image, chunks=(1, 40, 35)), model, **options)
    with distributed.Client(address):
        found = lazy.compute()
    np.testing.assert_array_equal(found, upscale(image, model, **options))


def test_the_model_is_one_node_of_the_graph_that_is_sent(model: LutModel) -> None:
    lazy = upscale(da.zeros((90, 80), dtype=np.uint8, chunks=16), model)
    (optimised,) = dask.optimize(lazy)
    graph = dict(optimised.__dask_graph__())
    holding = [key for key, item in graph.items() if isinstance(getattr(item, "value", item), Task)]
    assert len(holding) == 1
    (node,) = holding
    blocks = [item for item in graph.values() if node in getattr(item, "dependencies", ())]
    assert len(blocks) >= lazy.npartitions


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("dtype", ["uint16", "float32"])
@pytest.mark.filterwarnings("ignore::napari_autolut.arrays.value_range.IntensityWarning")
def test_a_file_gives_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, large: bool, dtype: str
) -> None:
    model, data = small_model("small", 1, 3), picture((2, 70, 61), dtype, top=4000)
    data[1] = data[1] / 7
    if dtype == "float32":
        data[0, 20:24, 30] = np.nan
    source = write_image(tmp_path / "in.ome.tif", ImageFile(data, "CYX", {"Y": 1, "X": 1}, "µm"))
    here, there = tmp_path / "here.tif", tmp_path / "there.tif"
    list(upscale_file_steps(source, here, model))
    monkeypatch.setattr(upscaling, "LARGE", 0 if large else 2**29)
    monkeypatch.setattr(tiff_tiles, "MAX_TILE_SIDE", 48)
    monkeypatch.setattr(results, "limits", lambda: Limits(tile_size=16))
    with connected(address) as executor:
        progress = list(upscale_file_steps(source, there, model, executor=executor))
    assert progress[-1] == (len(progress), len(progress)) and len(progress) == 40
    found = read_image(there)
    np.testing.assert_array_equal(found.data, read_image(here).data)
    assert found.pixel_size == pytest.approx({"Y": 1 / 3, "X": 1 / 3})
    with tifffile.TiffFile(there) as tif:
        assert tif.is_bigtiff == large


def test_the_model_is_sent_once_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, model: LutModel
) -> None:
    monkeypatch.setattr(results, "limits", lambda: Limits(tile_size=8))
    source = write_image(tmp_path / "in.tif", ImageFile(picture((64, 64)), "YX"))
    pickled = []

    def state(job: Task) -> dict[str, object]:
        pickled.append(job)
        return job.__dict__

    monkeypatch.setattr(Task, "__getstate__", state, raising=False)
    with connected(address) as executor:
        list(upscale_file_steps(source, tmp_path / "out.tif", model, executor=executor))
    assert 1 <= len(pickled) <= 2


def test_stopping_leaves_no_file_and_no_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, model: LutModel
) -> None:
    monkeypatch.setattr(upscaling, "LARGE", 0)
    monkeypatch.setattr(tiff_tiles, "MAX_TILE_SIDE", 16)
    source = write_image(tmp_path / "in.tif", ImageFile(picture((64, 64)), "YX"))
    with connected(address) as executor:
        steps = upscale_file_steps(source, tmp_path / "out.tif", model, executor=executor)
        next(steps)
        steps.close()
        assert not executor.client.futures
    assert [path.name for path in tmp_path.iterdir()] == ["in.tif"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_what_was_on_a_worker_that_is_lost_is_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Pixels lie on one worker alone: without it blocks are cancelled, and the file fails."""
    monkeypatch.setattr(results, "limits", lambda: Limits(tile_size=16))
    image = picture((130, 140), "uint16", top=9000)
    source, out = write_image(tmp_path / "in.tif", ImageFile(image, "YX")), tmp_path / "out.tif"
    with connected(address) as executor:
        steps = upscale_file_steps(source, out, "natural-x4-light", executor=executor)
        for number, _ in enumerate(steps):
            if number in (3, 30):
                processes = executor.client.run(os.getpid)
                os.kill(processes[min(processes)], signal.SIGKILL)
    np.testing.assert_array_equal(read_image(out).data, upscale(image, "natural-x4-light"))


def test_the_shell(tmp_path: Path, address: str, model: LutModel) -> None:
    file = save_model(model, tmp_path / "small-x2.safetensors")
    folder = tmp_path / "in"
    folder.mkdir()
    source = write_image(folder / "a.png", ImageFile(picture((9, 12, 3)), "YXS"))
    options = ["-m", file, "--scheduler", address]
    said = succeeds("upscale", source, tmp_path / "a.png", *options)
    assert said == f"{tmp_path / 'a.png'}: 12 x 9 to 24 x 18 with small-x2\n"
    assert succeeds("upscale", folder, tmp_path / "out", *options).endswith("1 done\n")
    expected = upscale(read_image(source).data, model)
    for out in (tmp_path / "a.png", tmp_path / "out" / "a.png"):
        np.testing.assert_array_equal(read_image(out).data, expected)


@pytest.fixture
def attempt(tmp_path: Path, model: LutModel) -> list[object]:
    """A command line that lacks the address of the scheduler."""
    file = save_model(model, tmp_path / "small-x2.safetensors")
    source = write_image(tmp_path / "in.png", ImageFile(picture((9, 12)), "YX"))
    return ["upscale", source, tmp_path / "out.png", "-m", file, "--scheduler"]


def test_no_scheduler_there(attempt: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "TIMEOUT", 0.5)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    assert f"{address}: no scheduler answers there" in fails(*attempt, address)


@pytest.mark.parametrize("address", ["no such place", "xyz://here:1", "tcp://here"])
def test_what_is_no_address(attempt: list[object], address: str) -> None:
    """A client that is made of one ends in a traceback 20 seconds later."""
    assert f"{address}: found no address of a scheduler, expected tcp" in fails(*attempt, address)


def test_a_scheduler_without_workers(
    attempt: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "TIMEOUT", 0.5)
    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as empty:
        assert "the scheduler has no workers" in fails(*attempt, empty.scheduler_address)


def test_workers_that_cannot_run_it(attempt: list[object], address: str, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise LookupError("no tables here")

    monkeypatch.setattr(cluster, "computed_patch", broken)
    line = fails(*attempt, address)
    assert "cannot compute a tile (LookupError" in line and "no tables here" in line


def test_the_extra_is_missing(attempt: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    line = fails(*attempt, "tcp://127.0.0.1:1")
    assert line.endswith('type: pip install "napari-autolut[distributed]"')


@pytest.mark.parametrize("scale", [2, 1.7])
def test_labels_of_files_give_the_same_numbers(
    tmp_path: Path, address: str, model: LutModel, scale: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "limits", lambda: Limits(1, 16))
    numbers = np.kron(np.arange(12).reshape(3, 4), np.ones((15, 10), int)).astype(np.uint64)
    tifffile.imwrite(tmp_path / "a_labels.tif", numbers << np.uint64(50))
    how = UpscaleOptions(scale=scale)
    finish(upscale_file_steps(tmp_path / "a_labels.tif", tmp_path / "here.tif", model, how))
    with connected(address) as there:
        steps = upscale_file_steps(
            tmp_path / "a_labels.tif", tmp_path / "there.tif", model, how, executor=there
        )
        assert finish(steps).model == "nearest neighbour"
    here, found = (read_image(tmp_path / f"{name}.tif").data for name in ("here", "there"))
    assert here.dtype == np.uint64
    np.testing.assert_array_equal(found, here)
