"""The command train: what it asks of the trainer, and how it ends."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from napari_autolut.training.request import TrainRequest
from napari_autolut.util.optional import TORCH_MISSING
from tests.commandline import fails, run, succeeds


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
    said = succeeds("train", tmp_path, "--out", out, "--noise", 4, "--request", path)
    assert said == f"{path}: request to train {out}\n"
    assert not succeeds("train", tmp_path, "--out", out, "--noise", 4, "--request", path,
                        "--json-events")  # fmt: skip
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
