"""What the folder dock's form asks for, and results of other settings."""

import numpy as np
import pytest

from napari_autolut import upscale
from napari_autolut.io import ImageFile, read_image, write_image
from tests.pictures import picture
from tests.widgets.batch.folder_dock import cells, choose, choose_model, run, states


def test_any_factor(dock, qtbot, folder):
    dock.models.pick_name("small-x4")
    dock.scale.setValue(2.5)
    choose(qtbot, dock, folder)
    run(qtbot, dock)
    made = read_image(folder.parent / "in-upscaled" / "a.png").data
    expected = upscale(read_image(folder / "a.png").data, "small-x4", scale=2.5)
    np.testing.assert_array_equal(made, expected)


def test_model_range_and_sub_folders_are_those_of_the_form(dock, qtbot, folder, tmp_path):
    out = tmp_path / "out"
    dock.models.setCurrentIndex(dock.models.findText("small-x2 (own)"))
    dock.value_range.choice.setCurrentIndex(dock.value_range.choice.findText("Custom"))
    dock.value_range.low.setValue(50)
    dock.recursive.setChecked(False)
    choose(qtbot, dock, folder, out)
    qtbot.waitUntil(lambda: len(cells(dock)) == 2, timeout=20_000)
    run(qtbot, dock)
    assert states(dock) == ["done", "failed"]
    source = read_image(folder / "a.png").data
    expected = upscale(source, "small-x2", value_range=(50, 255))
    np.testing.assert_array_equal(read_image(out / "a.png").data, expected)
    assert dock.value_range.choice.findText("Contrast limits") == -1


def test_nothing_is_overwritten(dock, qtbot, folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.png").write_bytes(b"mine")
    choose(qtbot, dock, folder, out)
    assert states(dock) == ["skipped", "waiting", "waiting"]
    run(qtbot, dock)
    assert states(dock) == ["skipped", "failed", "done"]
    assert (out / "a.png").read_bytes() == b"mine"


def test_results_of_other_settings_stay_and_the_new_ones_have_names_of_their_own(
    dock, qtbot, folder, tmp_path
):
    out = tmp_path / "out"
    choose(qtbot, dock, folder, out)
    choose_model(dock, "small-x2 (own)")
    run(qtbot, dock)
    before = (out / "a.png").read_bytes()
    choose_model(dock, "small-x4 (own)")
    qtbot.waitUntil(lambda: "small-x2" in dock.found.text())
    assert states(dock) == ["waiting"] * 3
    run(qtbot, dock)
    assert (out / "a.png").read_bytes() == before
    assert read_image(out / "a-small-x4.png").data.shape == (20, 24)
    assert read_image(out / "day 2" / "b-small-x4.ome.tif").data.shape == (2, 20, 16)
    run(qtbot, dock)
    assert states(dock) == ["skipped", "failed", "skipped"]
    assert sorted(path.name for path in out.iterdir()) == ["a-small-x4.png", "a.png", "day 2"]
    lines = (tmp_path / "log" / "folders.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 10
    assert '"small-x4"' in lines[4] and '"done"' in lines[4]
    dock.value_range.choose("data")
    qtbot.waitUntil(lambda: "have small-x4-data in their names" in dock.found.text())


def test_overwrite_replaces_results(dock, qtbot, folder, tmp_path):
    out = tmp_path / "out"
    choose(qtbot, dock, folder, out)
    choose_model(dock, "small-x2 (own)")
    run(qtbot, dock)
    dock.overwrite.setChecked(True)
    choose_model(dock, "small-x4 (own)")
    run(qtbot, dock)
    assert states(dock) == ["done", "failed", "done"]
    assert read_image(out / "a.png").data.shape == (20, 24)


def test_one_range_for_all_files(dock, qtbot, tmp_path):
    series, out = tmp_path / "series", tmp_path / "out"
    series.mkdir()
    frames = [picture((16, 18), "uint16", n, top=1000 * (n + 1)) for n in range(3)]
    for number, frame in enumerate(frames):
        write_image(series / f"{number}.tif", ImageFile(frame, "YX"))
    dock.models.setCurrentIndex(dock.models.findText("small-x2 (own)"))
    dock.common.setChecked(True)
    choose(qtbot, dock, series, out)
    qtbot.waitUntil(lambda: "Range auto of all files: 0 to 29" in dock.found.text(), timeout=20_000)
    run(qtbot, dock)
    assert states(dock) == ["done"] * 3
    found = [read_image(path).history[-1] for path in sorted(out.iterdir())]
    assert len({step.value_range for step in found}) == 1
    assert all("auto of all files" in step.settings["value_range"] for step in found)
    alone = upscale(frames[0], "small-x2", value_range=found[0].value_range[0])
    assert (read_image(out / "0.tif").data == alone).all()


def test_a_range_that_is_the_same_anyway_needs_no_box(dock):
    for choice, offered in ((None, True), ("data", True), ("dtype", False), ((0, 9), False)):
        dock.value_range.choose(choice)
        assert dock.common.isEnabled() == offered
    dock.common.setChecked(True)
    assert not dock._wanted().common


def test_missing_chunks_are_empty_when_the_user_says_so(dock, qtbot, tmp_path):
    pytest.importorskip("zarr", reason="the extra zarr is not installed")
    pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")
    folder = tmp_path / "in"
    folder.mkdir()
    write_image(folder / "a.zarr", ImageFile(picture((2, 6, 5)), "CYX"))
    (folder / "a.zarr" / "0" / "c" / "1" / "0" / "0").unlink()
    choose(qtbot, dock, folder)
    choose_model(dock, "small-x2 (own)")
    run(qtbot, dock)
    assert states(dock) == ["failed"]
    dock.missing_as_empty.setChecked(True)
    run(qtbot, dock)
    assert states(dock) == ["done"] and "1 of 2 chunks" in cells(dock)[0][2]
