"""Windows replaces and deletes nothing that is open or mapped; Linux is made to look so."""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_autolut.batch.files import upscaling
from napari_autolut.batch.files.options import FileOptions
from napari_autolut.batch.files.upscaling import upscale_file_steps
from napari_autolut.batch.folder import find_files, run_batch
from napari_autolut.batch.outcomes import Failed
from napari_autolut.io import ImageFile, check_output_path, read_image, write_image
from napari_autolut.layers import reader
from napari_autolut.util import in_use, temporary
from napari_autolut.util.atomic import atomic_write
from tests.conftest import small_model
from tests.pictures import noise

OVERWRITE = FileOptions(overwrite=True)

ON_WINDOWS = sys.platform == "win32"

pytestmark = pytest.mark.skipif(
    not ON_WINDOWS and not Path("/proc/self/maps").exists(),
    reason="of the others only Linux tells what a process has open",
)

SENTENCE = "is open in another program"


def held() -> set[str]:
    """The files that this process has open, or mapped into its memory."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    mapped = {line.split(maxsplit=5)[5] for line in lines if len(line.split(maxsplit=5)) == 6}
    return mapped | {os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()}


def test_everything_is_moved_and_deleted_with_patience() -> None:
    """A scanner or a synchronising folder may hold any file for a moment, wherever it is ours."""
    root = Path(in_use.__file__).parents[3]
    hasty = re.compile(
        r"rmtree\(|\.unlink\(|\.rmdir\(|os\.(remove|rename|replace)\(|shutil\.move\("
    )
    found = [
        f"{path.name}: {line.strip()}"
        for folder in ("src", "training")
        for path in (root / folder).rglob("*.py")
        if path.name != "in_use.py"
        for line in path.read_text("utf-8").splitlines()
        if hasty.search(line) and "patiently" not in line
    ]
    assert found == []


def test_a_folder_goes_though_each_of_its_files_is_held_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink, seen = os.unlink, set[str]()

    def held_once(path: Any, *where: Any, **how: Any) -> None:
        if str(path) not in seen:
            seen.add(str(path))
            raise PermissionError(errno.EACCES, "in use", str(path))
        unlink(path, *where, **how)

    monkeypatch.setattr(in_use, "PAUSES", (0, 0))
    folder = tmp_path / "of many files"
    folder.mkdir()
    for number in range(9):
        (folder / f"{number}").touch()
    monkeypatch.setattr(os, "unlink", held_once)
    in_use.remove_folder(folder)
    assert not folder.exists()
    assert len(seen) == 9


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(errno.EACCES, "in use"),
        OSError(errno.EBUSY, "Device or resource busy"),
        OSError(errno.ETXTBSY, "Text file busy"),
    ],
)
@pytest.mark.parametrize("large", [False, True])
def test_a_new_file_may_be_held_whenever_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, large: bool
) -> None:
    """On a share, too, whose own machine looks at it: other systems have other words for that."""
    tries, plain, replace = list[str](), io.open, os.replace

    def refuse(path: Any, why: str) -> None:
        if Path(path).name.startswith(temporary.PREFIX) and tries.count(why) < 2:
            tries.append(why)
            raise error

    def held_open(path: Any, mode: str = "r", *how: Any, **more: Any) -> Any:
        if "+" in mode:
            refuse(path, "opened")
        return plain(path, mode, *how, **more)

    def held(path: Any, target: Any) -> None:
        refuse(path, "moved")
        replace(path, target)

    source, out = big(tmp_path / "a.tif"), big(tmp_path / "out.tif")
    monkeypatch.setattr(in_use, "PAUSES", (0, 0))
    monkeypatch.setattr(io, "open", held_open)
    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(upscaling, "LARGE", 0 if large else 2**30)
    list(upscale_file_steps(source, out, small_model("m-x2", 2), options=OVERWRITE))
    assert tries == ["opened"] * 2 + ["moved"] * 2
    assert read_image(out).data.shape == (128, 96)


@pytest.fixture
def read_only_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to replace and delete what is marked as read-only, as Windows does."""
    monkeypatch.setattr(in_use, "PAUSES", (0.0,))
    monkeypatch.setattr(sys, "platform", "win32")

    def guarded(action: Callable[..., Any]) -> Callable[..., Any]:
        def refuse(*paths: Any, **options: Any) -> Any:
            with suppress(FileNotFoundError):
                if not os.stat(paths[-1], **options).st_mode & 0o200:  # noqa: PTH116 - dir_fd
                    raise PermissionError(13, "Access is denied", str(paths[0]))
            return action(*paths, **options)

        return refuse

    for name in ("replace", "unlink", "remove"):
        monkeypatch.setattr(os, name, guarded(getattr(os, name)))


@pytest.mark.usefixtures("read_only_stays")
def test_what_is_marked_as_read_only_is_replaced_where_that_was_asked_for(tmp_path: Path) -> None:
    path = big(tmp_path / "a.tif")
    path.chmod(0o444)
    with atomic_write(path, overwrite=True) as temporary:
        temporary.write_bytes(b"new")
    assert path.read_bytes() == b"new" and not path.stat().st_mode & 0o200
    assert [each.name for each in tmp_path.iterdir()] == ["a.tif"]
    assert in_use.remove_file(path) and not path.exists()


def test_the_mark_stays_where_a_file_could_not_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_use, "PAUSES", ())
    monkeypatch.setattr(sys, "platform", "win32")
    path = big(tmp_path / "a.tif")
    path.chmod(0o444)
    with pytest.raises(FileNotFoundError):
        in_use.move_file(tmp_path / "gone", path)
    assert path.exists() and not path.stat().st_mode & 0o200


@pytest.mark.usefixtures("read_only_stays")
def test_a_folder_goes_whose_files_are_marked_as_read_only(tmp_path: Path) -> None:
    """As in copies from discs, and in what Git keeps; an overwritten OME-Zarr left them behind."""
    folder = tmp_path / "a.zarr"
    (folder / "0").mkdir(parents=True)
    for path in (folder / "zarr.json", folder / "0" / "0"):
        path.touch(0o444)
    in_use.remove_folder(folder)
    assert not folder.exists()


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to move, replace or delete what is open or mapped."""
    monkeypatch.setattr(in_use, "PAUSES", (0.0,))
    if ON_WINDOWS:
        return

    def guarded(action: Callable[..., Any]) -> Callable[..., Any]:
        def refuse(*paths: Any, **options: Any) -> Any:
            if {os.path.realpath(path) for path in paths} & held():
                raise PermissionError(13, "The process cannot access the file", str(paths[0]))
            return action(*paths, **options)

        return refuse

    for name in ("rename", "replace", "unlink", "remove"):
        monkeypatch.setattr(os, name, guarded(getattr(os, name)))


def big(path: Path) -> Path:
    tifffile.imwrite(path, noise((64, 48)), photometric="minisblack")
    return path


@pytest.mark.usefixtures("windows")
def test_a_result_that_is_open_is_refused_before_any_work(tmp_path: Path) -> None:
    source, out = big(tmp_path / "a.tif"), big(tmp_path / "out.tif")
    before = out.read_bytes()
    opened = read_image(out, memmap_above=0)
    steps = upscale_file_steps(source, out, small_model("m-x2", 2), options=OVERWRITE)
    with pytest.raises(PermissionError) as caught:
        next(steps)
    assert SENTENCE in str(caught.value) and caught.value.filename == str(out)
    assert out.read_bytes() == before and opened.data.shape == (64, 48)
    del opened
    list(upscale_file_steps(source, out, small_model("m-x2", 2), options=OVERWRITE))
    assert read_image(out).data.shape == (128, 96)


@pytest.mark.usefixtures("windows")
def test_a_result_that_is_opened_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    out = big(tmp_path / "out.tif")
    before, opened = out.read_bytes(), []
    with (
        pytest.raises(PermissionError, match=SENTENCE),
        atomic_write(out, overwrite=True) as temporary,
    ):
        temporary.write_bytes(b"new")
        opened.append(read_image(out, memmap_above=0))
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out.tif"]


@pytest.mark.usefixtures("windows")
def test_results_opened_from_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MEMMAP_BYTES", 0)
    folder, results = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    results.mkdir()
    for name in ("a.tif", "b.tif"):
        big(folder / name)
        big(results / name)
    layers = reader.file_layers(results / "a.tif")
    items = find_files(folder, results)

    def work(source: Path, out: Path) -> Any:
        return upscale_file_steps(source, out, small_model("m-x2", 2), options=OVERWRITE)

    events = list(run_batch(items, work, overwrite=True))
    failed = [event for event in events if isinstance(event, Failed)]
    assert [each.item.out.name for each in failed] == ["a.tif"] and SENTENCE in failed[0].reason
    assert read_image(results / "b.tif").data.shape == (128, 96)
    assert layers[0][0].shape == (64, 48)


@pytest.mark.usefixtures("windows")
def test_nothing_of_a_large_source_stays_mapped(tmp_path: Path) -> None:
    source = tmp_path / "a.tif"
    tifffile.imwrite(source, noise((64, 48)), photometric="minisblack", compression="zlib")
    for path in (source, big(tmp_path / "b.tif")):
        image = read_image(path, memmap_above=0)
        assert image.data[3, 4] == tifffile.imread(path)[3, 4]
        del image
        path.unlink()


def test_no_file_of_the_sources_set_is_replaced(tmp_path: Path) -> None:
    planes = np.stack([noise((20, 16), seed=n) for n in range(2)])
    names = [f"m{n}.ome.tif" for n in range(2)]
    data = "".join(
        f'<TiffData FirstZ="0" FirstT="0" FirstC="{n}" IFD="0" PlaneCount="1">'
        f'<UUID FileName="{name}">urn:uuid:00000000-0000-0000-0000-00000000000{n}</UUID></TiffData>'
        for n, name in enumerate(names)
    )
    for n, name in enumerate(names):
        xml = (
            '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
            f'UUID="urn:uuid:00000000-0000-0000-0000-00000000000{n}"><Image ID="Image:0"><Pixels '
            'ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="16" SizeY="20" SizeZ="1" '
            'SizeC="2" SizeT="1"><Channel ID="Channel:0:0"/><Channel ID="Channel:0:1"/>'
            f"{data}</Pixels></Image></OME>"
        )
        tifffile.imwrite(tmp_path / name, planes[n], description=xml, metadata=None)
    first, second = (tmp_path / name for name in names)
    steps = upscale_file_steps(first, second, small_model("m-x2", 2), options=OVERWRITE)
    with pytest.raises(ValueError, match=r"found a file that .* is made of"):
        next(steps)


@pytest.mark.parametrize(
    "name", ["aux.png", "con.tif", "COM1.v2.tif", "nul.ome.tif", "lpt9.zarr", "prn .png"]
)
def test_names_of_devices_are_refused_on_every_system(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="Windows keeps for devices"):
        check_output_path(tmp_path / name)
    with pytest.raises(ValueError, match="Windows keeps for devices"):
        write_image(tmp_path / name, ImageFile(noise((8, 8)), "YX"))
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(ON_WINDOWS, reason="it makes no folder of such a name")
def test_folders_of_results_are_not_called_so_either(tmp_path: Path) -> None:
    (tmp_path / "in" / "con").mkdir(parents=True)
    for name in ("aux.tif", "con/a.tif", "console.tif"):
        big(tmp_path / "in" / name)
    with pytest.raises(ValueError, match="Windows keeps for devices"):
        find_files(tmp_path / "in", tmp_path / "COM2")
    with pytest.raises(ValueError, match="found 'nul', a name that Windows keeps for devices"):
        find_files(tmp_path / "in", tmp_path / "new" / "nul" / "results")
    items = find_files(tmp_path / "in", tmp_path / "out")
    assert [bool(item.problem) for item in items] == [True, False, True]
    assert all("rename it" in item.problem for item in items if item.problem)
