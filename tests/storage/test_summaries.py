"""What lists say of models, and in which groups."""

from dataclasses import replace

import pytest

from napari_autolut.model import Card
from napari_autolut.storage import list_models, load_model_file, save_model
from napari_autolut.storage.summaries import (
    TIMES,
    ModelSummary,
    figures_text,
    grouped,
    in_groups,
    psnr,
)
from tests.conftest import small_model


def summary(name):
    return ModelSummary.of(next(entry for entry in list_models() if entry.name == name))


def test_a_purpose_is_how_the_description_begins(models_folder):
    assert summary("small-x2").purpose == "Small tests"
    assert summary("micro-x2-light").purpose.startswith("Micrographs of every kind")
    own = Card("own", description="Images like those it learned from; undoes binning.")
    found = replace(summary("small-x2"), card=own).purpose
    assert found == "Images like those it learned from"
    assert summary("natural-x4-light").purpose == "Photographs and similar images"


def test_models_are_grouped_by_task_and_scale(models_folder):
    groups = dict(grouped(in_groups(list_models())))
    assert list(groups) == [
        "Upscaling",
        *(f"Upscaling {TIMES}{scale}" for scale in (2, 3, 4)),
        "Deblocking",
        "Denoising",
    ]
    names = [each.entry.name for each in groups[f"Upscaling {TIMES}4"]]
    assert {"natural-x4", "natural-x4-light", "micro-x4", "small-x4"} <= {*names}


def test_a_card_is_the_file_s_own(models_folder):
    for entry in list_models():
        model = load_model_file(entry.path)
        found = ModelSummary.of(entry)
        assert (found.card, found.scale) == (model.card, model.scale)


def test_a_file_that_is_written_anew_is_read_anew(models_folder):
    assert summary("small-x2").scale == 2
    path = models_folder / "small-x2.safetensors"
    save_model(small_model("small-x2", 1, 3), path, overwrite=True)
    assert summary("small-x2").scale == 3


def test_broken_files_come_last_and_say_why(models_folder):
    (models_folder / "a-broken.safetensors").write_bytes(b"nothing")
    last = in_groups(list_models())[-1]
    assert last.entry.name == "a-broken"
    assert last.group == "Cannot be used"
    assert "a-broken.safetensors" in last.problem


def test_a_link_that_leads_nowhere_is_named_as_everywhere(models_folder):
    path = models_folder / "a-link.safetensors"
    path.symlink_to("nowhere")
    assert in_groups(list_models())[-1].problem == f"{path}: No such file or directory"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", True),
        ("SMALL", True),
        ("super x2", True),
        ("random own", True),
        ("x4", False),
        ("small nuclei", False),
    ],
)
def test_search_takes_every_word_of_what_is_known(models_folder, words, found):
    assert summary("small-x2").matches(words) is found


def test_the_gain_is_on_the_first_images_of_the_card(models_folder):
    plain = summary("small-x2")
    assert plain.gain == "", "a figure alone says nothing beside those of other images"
    figures = {"psnr": 40.26, "bicubic_psnr": 38}
    assert replace(plain, card=Card("new", benchmark={"held-out": figures})).gain == "+2.3 dB"
    assert replace(plain, card=Card("none")).gain == ""
    denoiser = replace(plain, card=Card("new", benchmark={"held-out": figures}), scale=1)
    assert denoiser.gain == "", "gains over images of different noise do not compare"
    assert psnr({"psnr": 40, "bicubic_psnr": 38}, "bicubic_") == 38
    assert psnr({"ssim": 0.9}) is None


def test_figures_of_a_data_set_in_words():
    """As the docks and the shell show them: not "psnr y 31.432, ssim y 0.883"."""
    figures = {"psnr_y": 31.432, "ssim_y": 0.883, "bicubic_psnr_y": 28.429}
    assert figures_text(figures) == "31.43 dB (+3.00), SSIM 0.8830"
    assert figures_text({"psnr": 41.41, "shipped_psnr": 40.96}) == "41.41 dB"
