"""Cards of strangers: lists, docks and the shell show them, or say in a sentence why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from napari_autolut.cli.models import card_lines
from napari_autolut.model import Card
from napari_autolut.storage import ModelFileError, load_model_file, read_card
from napari_autolut.storage.card_json import MAX_CHARACTERS, MAX_FIGURES, MAX_NAME
from napari_autolut.storage.catalogue import CatalogueEntry
from napari_autolut.storage.summaries import BROKEN, ModelSummary
from napari_autolut.training.record import held_out_figures
from tests.modelfiles import good_file, rewritten


@pytest.fixture
def path(tmp_path):
    return good_file(tmp_path)


FIGURES = [
    5,
    "psnr",
    ["psnr", "psnr_y", "ssim"],
    None,
    {"psnr_y": "30"},
    {"psnr_y": None},
    {"psnr_y": 10**400, "bicubic_psnr_y": 10**400},
    {"psnr": [30.0]},
    {"ssim_y": "high"},
    {"ssim": {}},
    {"psnr": True},
    {"x" * (MAX_NAME + 1): 1.0},
    {str(number): 1.0 for number in range(MAX_FIGURES + 1)},
]


@pytest.mark.parametrize("figures", FIGURES, ids=map(str, range(len(FIGURES))))
def test_figures_that_are_none(path, figures):
    rewritten(path, lambda said, _: said["card"].update(benchmark={"held-out": figures}))
    summary = ModelSummary.of(CatalogueEntry("a", path, "user"))
    assert (summary.group, summary.gain, summary.matches("a")) == (BROKEN, "", True)
    assert len(summary.problem) < 600
    for read in (read_card, load_model_file):
        with pytest.raises(ModelFileError, match=r"benchmark: found .* expected "):
            read(path)


@pytest.mark.parametrize(
    "benchmark", [{"x" * (MAX_NAME + 1): {}}, {str(n): {} for n in range(MAX_FIGURES + 1)}]
)
def test_more_data_sets_than_a_dock_can_show(path, benchmark):
    rewritten(path, lambda said, _: said["card"].update(benchmark=benchmark))
    with pytest.raises(ModelFileError, match=r"benchmark: found .* expected at most"):
        read_card(path)


@pytest.mark.parametrize("figures", [{}, {"psnr": 1e308}, {"psnr": -1, "other": 3}])
def test_figures_that_can_be_shown(path, figures):
    rewritten(path, lambda said, _: said["card"].update(benchmark={"held-out": figures}))
    model = load_model_file(path)
    assert list(card_lines(model))
    assert ModelSummary.of(CatalogueEntry("a", path, "user")).gain == ""
    assert held_out_figures(replace(Card("a"), benchmark=model.card.benchmark)) is None


@pytest.mark.parametrize("field", ["name", "description", "training_data"])
def test_a_text_of_megabytes(path, field):
    rewritten(path, lambda said, _: said["card"].update({field: "x" * (MAX_CHARACTERS + 1)}))
    with pytest.raises(ModelFileError, match=rf"{field}: found 65537 characters, expected at most"):
        read_card(path)


@pytest.mark.parametrize("scale", [0, 5, -1, 10**4000])
def test_a_scale_that_no_model_has(path, scale):
    rewritten(path, lambda said, _: said.update(scale=scale))
    with pytest.raises(ModelFileError, match=r"scale: found .* expected one of") as refused:
        read_card(path)
    assert len(str(refused.value)) < 600
