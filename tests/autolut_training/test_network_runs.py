"""The papers' route end to end: networks, tables made of them within a run, models trained on."""

import pytest
import torch
from skimage import data, io

from autolut_training.api import train_folder
from autolut_training.loop.trainer import Run, checkpoint_path
from autolut_training.settings import Settings, SettingsError
from napari_autolut import load_model
from napari_autolut.training.events import Done, Validation

NETWORKS = Settings.of(
    scale=2, channels=(1, 1), branches=1, window=3, skip=False, route="network", steps=12,
    minutes=None, grids=((0.0, 5),), batch=2, crop=16, multi_scale=(),
    intensity_augmentation=0.0, network_lr=3e-3, features=8, distill_start=0.7, table_lr=0.5,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("images")
    for i in range(3):
        io.imsave(root / f"{i}.png", data.camera()[i * 96 : i * 96 + 96, 128:224])
    return root


def run(folder, out, settings, **options):
    return list(train_folder(folder, out, settings, **options))


def last_validation(events):
    return [event.psnr for event in events if isinstance(event, Validation)][-1]


def test_networks_learn(folder, tmp_path):
    out = tmp_path / "n.safetensors"
    settings = NETWORKS.changed(steps=150, distill_start=1.0)
    done = run(folder, out, settings)[-1]
    assert isinstance(done, Done) and done.psnr > 20, "new networks give noise of 10 dB"
    model = load_model(out)
    assert model.rounding == "stage" and {t.grid_size for t in model.tables} == {5}


def test_networks_become_tables_within_a_run(folder, tmp_path):
    out = tmp_path / "n.safetensors"
    run(folder, out, NETWORKS)
    assert load_model(out).rounding == "none", "trained on as tables"


def test_a_resumed_run_goes_on_with_the_tables(folder, tmp_path, monkeypatch):
    parts = tmp_path / "parts.safetensors"
    whole = last_validation(run(folder, tmp_path / "whole.safetensors", NETWORKS))
    advance = Run.advance

    def interrupted(self, *arguments):
        if self.step == 10:
            raise KeyboardInterrupt
        return advance(self, *arguments)

    monkeypatch.setattr(Run, "advance", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(folder, parts, NETWORKS)
    monkeypatch.setattr(Run, "advance", advance)
    assert checkpoint_path(parts).is_file()
    assert last_validation(run(folder, parts, NETWORKS, resume=True)) == whole


def test_any_model_can_be_trained_on(folder, tmp_path):
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    run(folder, first, NETWORKS)
    started = NETWORKS.changed(route="direct", distill_start=1.0, init_from=str(first), steps=30)
    done = run(folder, second, started)[-1]
    assert done.psnr > load_model(first).card.benchmark["held-out"]["psnr"]


def test_spf_tables_learn(folder, tmp_path):
    settings = Settings.of(
        scale=2, branches=1, window=3, graph="spf", steps=90, minutes=None, batch=2, crop=16,
        grids=((0.0, 3), (0.5, 5)), multi_scale=(),
    )  # fmt: skip
    done = run(folder, tmp_path / "spf.safetensors", settings)[-1]
    assert done.psnr > done.bicubic_psnr
    assert len(load_model(tmp_path / "spf.safetensors").nodes) == 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"route": "magic"}, "route: found magic, expected direct or network"),
        ({"graph": "tree"}, "graph: found tree, expected cascade or spf"),
        ({"init_from": "x.safetensors"}, "model.init_from: found x.safetensors"),
        ({"distill_start": 0.0}, "distillation.distill_start: found 0.0"),
        (
            {"route": "direct"},
            "distill_start: found 0.7, expected 1 on the direct route",
        ),
        ({"device": "tpu"}, "device: found tpu, expected cpu, cuda, or"),
        ({"precision": "int4"}, "precision: found int4"),
    ],
)
def test_settings_that_cannot_be(change, message):
    with pytest.raises(SettingsError, match=message):
        NETWORKS.changed(**change)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_missing_card_is_said(folder, tmp_path):
    with pytest.raises(SettingsError, match="found no CUDA device for cuda, expected cpu"):
        run(folder, tmp_path / "x.safetensors", NETWORKS.changed(device="cuda"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_run_on_a_card(folder, tmp_path, precision):
    settings = NETWORKS.changed(device="cuda", precision=precision)
    assert isinstance(run(folder, tmp_path / "c.safetensors", settings)[-1], Done)
