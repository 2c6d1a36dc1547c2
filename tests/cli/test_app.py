"""What all commands share: usage, help, how they are called and stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import pytest

from napari_autolut.cli.import_ import LayoutName
from napari_autolut.cli.options import EngineName
from napari_autolut.engine import ENGINES
from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.storage.importers import LAYOUTS
from tests.commandline import fails, succeeds
from tests.pictures import picture as noise


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "Missing command"),
        (["upscal"], "upscal"),
        (["upscale"], "IN"),
        (["upscale", "a.png"], "OUT"),
        (
            ["upscale", "my", "images", "out"],
            "put a path with spaces and numbers with commas in quotes",
        ),
        (["upscale", "a.png", "b.png", "--engine", "gpu"], "reference"),
        (["upscale", "a.png", "b.png", "--nonsense"], "--nonsense"),
        (["evaluate", "--model", "x"], "--hr"),
        (["train", "folder", "--out", "a.safetensors", "--steps", "many"], "--steps"),
        (["import", "a", "b.safetensors", "--layout", "odd"], "sr-lut"),
        (["upscale", "", "out"], "empty argument"),
        (["upscale", "a.png", "b.png", "-m", ""], "empty argument"),
    ],
)
def test_usage_errors_are_one_line(args: list[str], words: str) -> None:
    line = fails(*args)
    assert words in line and "--help" in line


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ('C:\\My images" out', r'found C:\My images" out, expected no quotation mark in it'),
        ("~/missing.tif", f"{Path.home() / 'missing.tif'}: no such file"),
    ],
)
def test_what_shells_of_windows_leave_to_programs(
    monkeypatch: pytest.MonkeyPatch, path: str, words: str
) -> None:
    """A backslash before a closing quotation mark, and the home folder."""
    monkeypatch.setattr("sys.platform", "win32")
    assert words in fails("info", path)


def test_addresses_of_files_are_paths(tmp_path: Path, picture: Path, model_file: Path) -> None:
    out = tmp_path / "a b.tif"
    succeeds("upscale", picture.as_uri(), out.as_uri(), f"--model={model_file.as_uri()}")
    assert read_image(out).data.shape == (18, 24, 3)


def test_help_and_version() -> None:
    text = succeeds("--help")
    assert "Exit status: 0 when all went well" in text
    for command in ("upscale", "evaluate", "models", "import", "train"):
        assert command in text
        assert succeeds(command, "-h") == succeeds(command, "--help")
        assert f"Usage: napari-autolut {command}" in succeeds(command, "--help")
    assert succeeds("--version") == f"napari-autolut {version('napari-autolut')}\n"


def test_names_of_engines_and_layouts_are_the_packages_own() -> None:
    assert tuple(EngineName) == ENGINES
    assert tuple(LayoutName) == ("auto", *LAYOUTS)


def process(*args: object, **options: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "napari_autolut", *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, **options)


def test_the_module_is_the_command(tmp_path: Path, picture: Path, model_file: Path) -> None:
    args = ("upscale", picture, tmp_path / "out.tif", "-m", model_file, "--engine", "reference")
    first = process(*args, stderr=subprocess.PIPE)
    assert first.communicate()[1] == b"" and first.returncode == 0
    assert read_image(tmp_path / "out.tif").data.shape == (18, 24, 3)
    again = process(*args, stderr=subprocess.PIPE)
    out, err = again.communicate()
    assert (again.returncode, out) == (2, b"") and err.count(b"\n") == 1 and b"exists" in err


def test_other_programs_call_the_command() -> None:
    code = "from napari_autolut.cli import main; main()"
    ran = subprocess.run([sys.executable, "-c", code, "--version"], capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == (f"napari-autolut {version('napari-autolut')}\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_ctrl_c_while_the_bar_moves(tmp_path: Path, model_file: Path) -> None:
    import pty
    import termios

    (tmp_path / "work").mkdir()
    source = write_image(tmp_path / "in.tif", ImageFile(noise((60, 512, 512)), "ZYX"))
    terminal, stderr = pty.openpty()
    termios.tcsetwinsize(stderr, (24, 80))
    args = ("upscale", source, tmp_path / "work" / "out.tif", "-m", model_file)
    with process(*args, "--engine", "reference", stderr=stderr) as running:
        os.close(stderr)
        shown = b""
        while b"/60" not in shown:
            shown += os.read(terminal, 4096)
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=60)
    with suppress(OSError):  # how Linux says that the other side has closed
        while chunk := os.read(terminal, 4096):
            shown += chunk
    os.close(terminal)
    assert (running.returncode, out) == (130, b"")
    last = shown.decode().rstrip().split("\r")[-1]
    assert last == "napari-autolut: stopped by Ctrl-C; nothing was written"
    assert not list((tmp_path / "work").iterdir())


def test_options_of_other_programs_are_told_the_places_of_this_one():
    for option in ("-o", "--output"):
        line = fails("upscale", "in.tif", option, "out.tif")
        assert f"No such option: {option}; usage: napari-autolut upscale IN OUT (see " in line


@pytest.mark.parametrize(
    ("args", "end"),
    [
        (["train", "f"], "option '--out'; usage: napari-autolut train FOLDER --out NAME|FILE (see"),
        (["evaluate"], "; usage: napari-autolut evaluate --model NAME|FILE --hr FOLDER (see"),
        (["upscale"], "Missing argument 'IN'; usage: napari-autolut upscale IN OUT (see"),
    ],
)
def test_a_usage_names_what_a_command_cannot_do_without(args, end):
    assert end in fails(*args)
