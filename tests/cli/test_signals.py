"""Signals: at any moment one line, and what was begun is tidied up."""

from __future__ import annotations

import ctypes
import signal
import sys
import time
from pathlib import Path

import pytest

from napari_autolut import cli
from napari_autolut.cli import app, command_group
from napari_autolut.io import ImageFile, write_image
from napari_autolut.model import LutModel
from napari_autolut.storage import save_model
from tests.commandline import run
from tests.pictures import picture

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals")


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_while_the_program_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app, "app", interrupted)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    at_its_end = signal.signal(signal.SIGINT, before)
    assert (ended.value.code, at_its_end) == (130, signal.SIG_DFL)
    assert capsys.readouterr().err == "napari-autolut: stopped by Ctrl-C; nothing was written\n"


def test_ctrl_c_while_arguments_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_group.TyperGroup, "parse_args", interrupted)
    result = run("models")
    told = "napari-autolut: stopped by Ctrl-C; nothing was written\n"
    assert (result.exit_code, result.stderr) == (130, told)


def test_ctrl_c_where_python_drops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one of 40 is lost while kernels are loaded, whose compiler calls back into Python."""

    def loading(*_: object) -> None:
        ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGINT))()
        time.sleep(30)

    monkeypatch.setattr(command_group.TyperGroup, "parse_args", loading)
    result = run("models")
    told = "napari-autolut: stopped by Ctrl-C; nothing was written\n"
    assert (result.exit_code, result.stderr) == (130, told)


def listening_to(*signals: signal.Signals) -> list[object]:
    return [signal.getsignal(number) for number in signals]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_what_a_cluster_or_a_closed_terminal_sends_tidies_up(
    tmp_path: Path, model: LutModel, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from napari_autolut.batch.files import upscaling

    number = signal.Signals[name]
    monkeypatch.setattr(
        upscaling, "encode_images", lambda *_: signal.raise_signal(number) or interrupted()
    )
    (tmp_path / "work").mkdir()
    source = write_image(tmp_path / "in.tif", ImageFile(picture((9, 9), "uint8"), "YX"))
    model_file = save_model(model, tmp_path / "small.safetensors")
    before = listening_to(signal.SIGINT, number)
    result = run("upscale", source, tmp_path / "work" / "out.tif", "-m", model_file)
    told = f"napari-autolut: stopped by {name}; nothing was written\n"
    assert (result.exit_code, result.stderr) == (128 + number, told)
    assert not list((tmp_path / "work").iterdir())
    assert listening_to(signal.SIGINT, number) == before
    assert "stopped by Ctrl-C" in _interrupted_now(monkeypatch)


def _interrupted_now(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(command_group.TyperGroup, "parse_args", interrupted)
    return run("models").stderr


def test_nohup_stays_deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    heard: list[object] = []
    monkeypatch.setattr(
        command_group.TyperGroup,
        "parse_args",
        lambda *_: heard.append(signal.raise_signal(signal.SIGHUP)) or interrupted(),
    )
    try:
        assert "stopped by Ctrl-C" in run("models").stderr
        assert heard == [None]
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
