"""What is printed can be shown anywhere, and forges nothing."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from napari_autolut.arrays import Progress
from napari_autolut.cli.file_progress import progress_bar
from napari_autolut.cli.output import echo, prepare_streams
from napari_autolut.compilation.under_way import COMPILING, compilations


def run(*arguments: object, encoding: str) -> subprocess.CompletedProcess[bytes]:
    """As a console or a file of Windows would have it."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "napari_autolut", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, env=environment, timeout=120, check=False)


@pytest.mark.parametrize(("system", "fails"), [("win32", False), ("linux", True)])
def test_what_windows_says_of_a_pipe_that_nobody_reads_is_no_error_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, fails: bool
) -> None:
    with (tmp_path / "pipe").open("w") as pipe:
        stream = SimpleNamespace(write=refuse, flush=refuse, fileno=pipe.fileno)
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setattr(sys, "platform", system)
        with pytest.raises(OSError, match="Invalid") if fails else nullcontext():
            echo("done")


def refuse(*_: object) -> None:
    raise OSError(errno.EINVAL, "Invalid argument")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_names_outside_the_code_page_end_nothing(tmp_path: Path, encoding: str) -> None:
    for name in "細胞":
        (tmp_path / "in").mkdir(exist_ok=True)
        Image.fromarray(np.full((8, 8), 99, np.uint8)).save(tmp_path / "in" / f"{name}.png")
    done = run(
        "upscale", tmp_path / "in", tmp_path / "out", "-m", "natural-x2-light", encoding=encoding
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert sorted(path.name for path in (tmp_path / "out").glob("*.png")) == ["細.png", "胞.png"]
    assert rb"\u7d30.png: 8 x 8 to 16 x 16" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is always full")
@pytest.mark.parametrize(
    ("arguments", "unbuffered"),
    [("--version", ""), ("models --help", "1"), ("models", ""), ("models", "1")],
)
def test_output_on_a_full_disk_is_one_line(arguments: str, unbuffered: str) -> None:
    command = [sys.executable, "-m", "napari_autolut", *arguments.split()]
    surroundings = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, check=False, env=surroundings
        )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1 and b"No space left" in done.stderr


def test_errors_outside_the_code_page_are_one_line(tmp_path: Path) -> None:
    done = run("info", tmp_path / "細\x1b[31m.tif", encoding="cp1252")
    assert done.returncode == 2
    assert rb"\u7d30\x1b[31m.tif" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_bars_and_signs_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    from tqdm import tqdm

    written = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(written, "ascii", write_through=True))
    prepare_streams()
    echo("2 \N{MULTIPLICATION SIGN} 3 細, 30.12\N{NO-BREAK SPACE}dB", to_stderr=True)
    for _ in tqdm(range(3), desc="細"):
        pass
    assert written.getvalue().startswith(rb"2 \xd7 3 \u7d30, 30.12 dB")
    assert b"3/3" in written.getvalue()


class Terminal(io.StringIO):
    """Shows bars."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()], ids=["terminal", "file"])
def test_a_bar_says_that_the_engine_is_compiled(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_bar() as show:
        compilations.begin()
        compilations.end()
        assert (COMPILING in stream.getvalue()) == stream.isatty()
        stream.truncate(0)
        show(Progress(1, 2))
        assert COMPILING not in stream.getvalue()
    compilations.begin()
    compilations.end()
    assert COMPILING not in stream.getvalue()


def test_a_line_stays_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    echo("a\nwell done: 3 files", "\x1b[2J")
    assert capsys.readouterr().out == "a\\nwell done: 3 files\n\\x1b[2J\n"


def test_without_a_console_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    echo("anything")
    prepare_streams()
    echo("anything")
    sys.stdout.close()


def test_bars_need_no_console(monkeypatch: pytest.MonkeyPatch) -> None:
    from tqdm import tqdm

    for name in ("stdin", "stderr"):
        monkeypatch.setattr(sys, name, None)
    prepare_streams()
    assert list(tqdm(range(3))) == [0, 1, 2]
    for stream in (sys.stdin, sys.stderr):
        stream.close()


class FullDisk(io.StringIO):
    """A stream into a file on it."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_under_the_output_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, FullDisk())
    echo("of a file that is written", to_stderr=True)
    with pytest.raises(OSError, match="standard output"):
        echo("a result")


def test_a_closed_pipe_ends_no_work(tmp_path: Path) -> None:
    """As of ``upscale FOLDER OUT | head -1``: all is done, without another word."""
    (tmp_path / "in").mkdir()
    for name in "abc":
        Image.fromarray(np.full((8, 8), 99, np.uint8)).save(tmp_path / "in" / f"{name}.png")
    reader, writer = os.pipe()
    os.close(reader)
    arguments = ["upscale", "in", "out", "-m", "natural-x2-light"]
    command = [sys.executable, "-m", "napari_autolut", *arguments]
    done = subprocess.run(
        command, stdout=writer, stderr=subprocess.PIPE, cwd=tmp_path, timeout=120, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(list((tmp_path / "out").glob("*.png"))) == 3
