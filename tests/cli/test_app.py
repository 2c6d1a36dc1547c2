"""What all commands share, and the commands but upscale."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from napari_autolut.cli.import_ import LayoutName
from napari_autolut.cli.options import EngineName
from napari_autolut.engine import ENGINES
from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.model import Card, LutModel
from napari_autolut.storage import load_model_file, save_model
from napari_autolut.storage.importers import LAYOUTS
from napari_autolut.training.request import TrainRequest
from napari_autolut.util.optional import TORCH_MISSING
from tests.commandline import fails, run, succeeds
from tests.pictures import picture as noise
from tests.storage.importers.tables import mulut


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


def test_help_imports_nothing_slow() -> None:
    code = "import sys, napari_autolut.cli.app; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    slow = {"numba", "skimage", "tifffile", "PIL", "dask", "napari", "torch", "scipy", "tqdm"}
    assert not slow & set(loaded.stdout.split())


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


def test_evaluate_prints_a_table_and_writes_json(tmp_path: Path, model_file: Path) -> None:
    hr, report = tmp_path / "hr", tmp_path / "report.json"
    hr.mkdir()
    for name in ("a", "b"):
        write_image(hr / f"{name}.png", ImageFile(noise((32, 34, 3)), "YXS"))
    lines = succeeds("evaluate", "-m", model_file, "--hr", hr, "--json", report).splitlines()
    assert [line.split()[0] for line in lines] == ["image", "a", "b", "mean"]
    figures = json.loads(report.read_text())
    assert figures["model"] == "small-x2" and len(figures["images"]) == 2
    assert f"{figures['mean']['psnr_y']:.2f}" in lines[-1].split()

    assert "exists" in fails("evaluate", "-m", model_file, "--hr", hr, "--json", report)
    again = ("evaluate", "-m", model_file, "--hr", hr, "--lr", hr, "--json", report, "--overwrite")
    assert "expected 16 x 17" in fails(*again)
    assert json.loads(report.read_text()) == figures
    assert "no images" in fails("evaluate", "-m", model_file, "--hr", tmp_path)


def test_models_are_listed_and_broken_ones_named(models_folder: Path) -> None:
    (models_folder / "broken.safetensors").write_bytes(b"oops")
    with suppress(OSError):  # links need rights on Windows
        (models_folder / "gone.safetensors").symlink_to("nowhere")
    lines = {line.split()[0]: line for line in succeeds("models").splitlines()}
    assert lines["small-x4"].split()[1:3] == ["x4", "upscaling"]
    size = (models_folder / "small-x4.safetensors").stat().st_size
    for words in ("  Small tests", f"  {size / 1000:.3g} kB  ", "user"):
        assert words in lines["small-x4"]
    assert "  +2.6 dB  " in lines["natural-x2-light"]
    assert "  shipped  Photographs and similar images" in lines["natural-x2-light"]
    assert "cannot be used" in lines["broken"]
    assert "gone" not in lines or "cannot be used" in lines["gone"]
    column = lines["name"].index("task")
    assert lines["small-x1"][column - 2 : column] == lines["broken"][column - 2 : column] == "  "
    with_paths = succeeds("models", "--paths")
    assert str(models_folder / "small-x2.safetensors") in with_paths


def test_the_card_of_a_model(tmp_path: Path, model: LutModel) -> None:
    told = succeeds("models", "denoise-3")
    for words in (
        "denoise-3: White noise",
        "x1",
        "make denoisers",
        "dB (+3.32 over the image itself)",
    ):
        assert words in told
    card = Card("own", description="Two\nlines", benchmark={"held-out": {"psnr": 30.25}})
    path = save_model(replace(model, card=card), tmp_path / "own.safetensors")
    for arguments in (("models", path), ("info", path)):
        told = succeeds(*arguments)
        assert "own: Two\\nlines" in told and "PSNR 30.25 dB" in told
    assert "did you mean denoise-3" in fails("models", "denois-3")


def test_import_makes_a_model_file(tmp_path: Path) -> None:
    tables, out = tmp_path / "tables", tmp_path / "own.safetensors"
    tables.mkdir()
    mulut(2, "sdy", 2)(tables, np.random.default_rng(0))
    said = succeeds("import", tables, out, "--layout", "mulut", "--licence", "MIT")
    model = load_model_file(out)
    assert (model.scale, model.card.licence) == (2, "MIT") and model.name in said
    assert "exists" in fails("import", tables, out)
    succeeds("import", tables, out, "--overwrite")
    for arguments, words in [
        ((tables, tmp_path / "a.npy"), ".safetensors"),
        ((tables, tmp_path / "no" / "a.safetensors"), "no folder"),
        ((tmp_path / "none", tmp_path / "a.safetensors"), "no such file"),
        ((tables, tmp_path / "a.safetensors", "--layout", "autolut"), "tables"),
    ]:
        assert words in fails("import", *arguments)
    assert not (tmp_path / "a.safetensors").exists()


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What the trainer is called with; it raises what is under "raise"."""
    calls: dict[str, object] = {}

    def train_request(request: TrainRequest, *, json_events: bool) -> None:
        calls.update(vars(request), json_events=json_events)
        if isinstance(error := calls.get("raise"), BaseException):
            raise error

    api = SimpleNamespace(train_request=train_request)
    monkeypatch.setitem(sys.modules, "autolut_training.api", api)
    return calls


def test_train_passes_its_options_on(trainer: dict[str, object]) -> None:
    succeeds("train", "images", "--scale", 3, "--out", "a.safetensors", "--minutes", 2.5,
             "--resume", "--seed", 7, "--json-events")  # fmt: skip
    assert trainer == {
        "images": Path("images"), "scale": 3, "out": Path("a.safetensors"), "minutes": 2.5,
        "steps": None, "resume": True, "overwrite": False, "seed": 7, "json_events": True,
        "recipe": None, "lr": None, "device": None, "degradation": {}, "settings": {},
        "noisy": False, "training_data": None,
    }  # fmt: skip
    succeeds("train", "images", "--out", "a.safetensors", "--steps", 9, "--overwrite",
             "--recipe", "standard", "--start", "own", "--device", "cuda")  # fmt: skip
    assert (trainer["steps"], trainer["minutes"], trainer["overwrite"]) == (9, None, True)
    assert (trainer["recipe"], trainer["scale"], trainer["device"]) == ("standard", None, "cuda")
    assert trainer["settings"] == {"init_from": "own"}
    succeeds("train", "images", "--out", "a.safetensors", "--degradation", "gaussian",
             "--sigma", 1.5, "--noise", 4, "--photons", 200, "--jpeg", 80)  # fmt: skip
    assert trainer["degradation"] == {
        "method": "gaussian", "sigma": 1.5, "noise": 4, "photons": 200, "jpeg": 80,
    }  # fmt: skip


def test_a_request_is_written_and_not_trained(trainer: dict[str, object], tmp_path: Path) -> None:
    path, out = tmp_path / "request.toml", tmp_path / "a.safetensors"
    succeeds("train", tmp_path, "--out", out, "--noise", 4, "--request", path)
    expected = TrainRequest(tmp_path, out, degradation={"noise": 4.0})
    assert TrainRequest.read(path) == expected
    for options, words in (
        (("--noise", "900"), "napari-autolut: noise: found 900.0, expected 0 to 255"),
        (("--steps", -1), "napari-autolut: steps: found -1, expected 1 to"),
        (("--minutes", 0), "napari-autolut: minutes: found 0.0, expected more than 0"),
        (("--recipe", "nothing"), "recipe: found no 'nothing'"),
        (("--device", "tpu"), "device: found tpu, expected cpu"),
    ):
        line = fails("train", tmp_path, "--out", out, *options, "--request", path)
        assert words in line, line
    assert TrainRequest.read(path) == expected, "a refused request replaces none"
    image = tmp_path / "a.png"
    image.write_bytes(b"precious")
    line = fails("train", tmp_path, "--out", out, "--request", image)
    assert "which is there and is no request" in line
    assert image.read_bytes() == b"precious"
    assert not trainer


def test_a_name_is_one_of_the_users_own_models(
    trainer: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models"
    monkeypatch.setattr("napari_autolut.cli.train.user_models_folder", lambda: folder)
    succeeds("train", "images", "--out", "my-cells")
    assert trainer["out"] == folder / "my-cells.safetensors"
    assert folder.is_dir()
    for name in ("natural-x4", "Natural-X4"):
        line = fails("train", "images", "--out", name)
        assert f"found --out {name}, the name of a shipped model; choose another name" in line
    for path in ("here/my-cells", "my-cells.npy", "natural-x4.safetensors"):
        succeeds("train", "images", "--out", path)
        assert trainer["out"] == Path(path)


@pytest.mark.parametrize("name", [".hidden", "..", "aux.v2", "COM1", "here/.a.safetensors"])
def test_a_name_that_no_list_would_show_is_refused(trainer: dict[str, object], name: str) -> None:
    assert "--out: found " in fails("train", "images", "--out", name)
    assert not trainer


def test_pairs_are_given_or_made(trainer: dict[str, object]) -> None:
    succeeds("train", "images", "--lr", "small", "--out", "a.safetensors", "--noise", 3)
    assert trainer["lr"] == Path("small")
    line = fails("train", "images", "--lr", "small", "--out", "a.safetensors",
                 "--degradation", "area")  # fmt: skip
    assert "found LR images in small and the degradation area, expected one of them" in line


def test_train_ends_as_every_command(trainer: dict[str, object]) -> None:
    args = ("train", "images", "--out", "a.safetensors")
    line = fails(*args, "--steps", 1, "--minutes", 1)
    assert "found 1 minute and 1 step," in line and not trainer
    trainer["raise"] = ValueError("images: too few\nof them")
    assert fails(*args) == "napari-autolut: images: too few of them"
    trainer["raise"] = KeyboardInterrupt("stopped: a.safetensors is kept")
    stopped = run(*args)
    line = "napari-autolut: stopped: a.safetensors is kept\n"
    assert (stopped.exit_code, stopped.stderr) == (130, line)


def test_train_without_torch_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("autolut_training")]:
        monkeypatch.delitem(sys.modules, name)
    line = fails("train", "images", "--out", "a.safetensors")
    assert line == f"napari-autolut: {TORCH_MISSING.format(what='training')}"
    assert 'pip install "napari-autolut[train]"' in line


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
