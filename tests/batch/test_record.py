"""What is known of the files of a batch, from the events of the work."""

from dataclasses import replace
from pathlib import Path

import pytest

from napari_autolut.arrays import Progress
from napari_autolut.batch.files.upscaling import UpscaledFile, upscale_file_steps
from napari_autolut.batch.folder import (
    Done,
    Failed,
    FileItem,
    Skipped,
    Started,
    find_files,
    run_batch,
)
from napari_autolut.batch.record import (
    BatchRecord,
    FileRecord,
    State,
    expected_record,
    expected_shares,
    total_progress,
)
from napari_autolut.io import ImageFile, write_image
from napari_autolut.storage.summaries import TIMES
from tests.pictures import picture


def items(count):
    return [FileItem(Path(f"{n}.png"), Path(f"out/{n}.png")) for n in range(count)]


def test_every_event_changes_the_file_that_it_is_about():
    first, second, third = items(3)
    record = BatchRecord([expected_record(item) for item in (first, second, third)])
    assert record.counts == "3 waiting"
    done = Done(first, UpscaledFile(first.out, {"Y": 5, "X": 6}, {"Y": 10, "X": 12}, "small-x2"))
    events = [Started(first, 1, 3), Progress(1, 4), done]
    assert [record.take(event) for event in events[:2]] == [0, 0]
    assert record.files[0].note == "25 %"
    record.take(done)
    assert record.files[0].note == f"12 {TIMES} 10 px"
    later = [Started(second, 2, 3), Skipped(second), Started(third, 3, 3), Failed(third, "bad")]
    assert [record.take(event) for event in later] == [1, 1, 2, 2]
    assert [file.state for file in record.files] == [State.DONE, State.SKIPPED, State.FAILED]
    assert [file.has_result for file in record.files] == [True, True, False]
    assert (record.files[2].note, record.counts) == ("bad", "1 done, 1 skipped, 1 failed")
    assert record.summary == "1 done, 1 skipped, 1 failed; 2 results not there any more"


def test_what_is_stopped_waits_again():
    record = BatchRecord([expected_record(item) for item in items(2)])
    record.take(Started(items(2)[1], 2, 2))
    assert record.stop() == 1
    assert record.counts == "2 waiting"
    assert BatchRecord().counts == "no files"
    BatchRecord().stop()


def test_what_can_be_told_before(tmp_path):
    there = FileItem(Path("a.png"), tmp_path)
    states = [
        expected_record(item).state for item in (there, FileItem(Path("b"), Path("c"), "problem"))
    ]
    assert states == [State.SKIPPED, State.FAILED]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    for name in "abc":
        write_image(tmp_path / "in" / f"{name}.png", ImageFile(picture((5, 6)), "YX"))
    (tmp_path / "in" / "b.png").write_bytes(b"no PNG")
    return tmp_path / "in"


def test_the_progress_of_all_grows_to_the_end(folder, model):
    emitted = []
    files = find_files(folder, folder / "out")
    events = run_batch(files, lambda a, b: upscale_file_steps(a, b, model))
    progress = list(total_progress(events, emitted.append, [1] * 3))
    assert len(progress) == len(emitted)
    assert [done for done, _ in progress] == sorted(done for done, _ in progress)
    assert (progress[0].done, progress[-1].done) == (0, progress[-1].total)


def test_files_count_by_their_size_and_not_at_all_where_nothing_is_to_be_done(tmp_path):
    sizes = [500, 100, 300, None]  # the last one is a folder
    files = []
    for size, item in zip(sizes, items(4), strict=True):
        source = tmp_path / item.source
        source.mkdir() if size is None else source.write_bytes(bytes(size))
        files.append(FileRecord(FileItem(source, item.out), State.WAITING))
    files[0] = replace(files[0], state=State.SKIPPED)
    shares = expected_shares(files)
    assert shares == [0, 100, 300, 200]

    def events():
        for number, file in enumerate(files, 1):
            yield Started(file.item, number, 4)
            yield Progress(1, 2)
            yield Skipped(file.item)

    steps = total_progress(events(), lambda _: None, shares)
    fractions = [round(done / total, 3) for done, total in steps]
    assert fractions == [0, 0, 0, 0, 0.083, 0.167, 0.167, 0.417, 0.667, 0.667, 0.833, 1]


def test_a_folder_without_work_has_its_progress_too():
    assert list(total_progress(iter_of(items(1)), lambda _: None, [0])) == [Progress(0, 1000)] * 2


def iter_of(files):
    for number, item in enumerate(files, 1):
        yield Started(item, number, len(files))
        yield Skipped(item)


def test_closing_stops_the_work(folder, model):
    out = folder.parent / "out"
    events = run_batch(find_files(folder, out), lambda a, b: upscale_file_steps(a, b, model))
    work = total_progress(events, lambda _: None, [1] * 3)
    next(work), next(work)
    work.close()
    assert not list(out.iterdir())


def test_sub_folders_only_where_asked_for(folder):
    (folder / "more").mkdir()
    (folder / "a.png").rename(folder / "more" / "a.png")
    out = folder.parent / "out"
    assert [item.source.name for item in find_files(folder, out)] == ["b.png", "c.png", "a.png"]
    found = find_files(folder, out, recursive=False)
    assert [item.source.name for item in found] == ["b.png", "c.png"]
