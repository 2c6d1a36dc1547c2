"""Models that are trained on: of any scale, carefully with few images, and never made worse."""

import pytest
import torch
from torch.nn.functional import avg_pool2d

from autolut_training.api import train_folder, train_request
from autolut_training.loop import trainer
from autolut_training.loop.schedule import Schedule
from autolut_training.models.build import FULL_LR_PIXELS, lr_multiplier, new_model
from autolut_training.models.cascade import Cascade
from autolut_training.models.label_network import LabelNetwork
from autolut_training.report.estimates import table_values
from autolut_training.settings import Settings, SettingsError, read_recipe
from autolut_training.settings.architecture import Architecture
from napari_autolut import load_model, save_model
from napari_autolut.model import Card, ModelError
from napari_autolut.storage.catalogue import list_models
from napari_autolut.training.events import Checkpoint, Validation
from napari_autolut.training.request import TrainRequest
from tests.recipes import recipe_text

FINE_TUNED = Settings.of(
    scale=2, init_from="natural-x4-light", steps=3, minutes=None, batch=2, crop=16,
    grids=((0.0, 4),), multi_scale=(),
)  # fmt: skip
ARCHITECTURES = {
    "rotated": Architecture(4, (2, 1), branches=1, window=3, skip=True),
    "filter": Architecture(4, (2, 1), branches=1, window=3, shape="filter"),
    "spf": Architecture(4, branches=1, window=3, graph="spf"),
}


@pytest.fixture(params=ARCHITECTURES)
def cascade(request):
    """New tables: the pixel, and noise that tells the pixels of a block apart."""
    return Cascade(ARCHITECTURES[request.param], 3)


@pytest.fixture
def image():
    return 60 + 100 * torch.rand(1, 1, 12, 16, generator=torch.Generator().manual_seed(1))


def test_a_pixel_of_a_smaller_block_is_the_mean_of_what_it_covers(cascade, image):
    large = cascade(image)
    cascade.rescale(2)
    torch.testing.assert_close(cascade(image), avg_pool2d(large, 2), rtol=0, atol=1e-3)


def test_blocks_of_any_size_keep_their_mean(cascade, image):
    mean = avg_pool2d(cascade(image), 4)
    for scale in (3, 1, 4):
        cascade.rescale(scale)
        small = cascade(image)
        assert small.shape == (1, 1, 12 * scale, 16 * scale)
        torch.testing.assert_close(avg_pool2d(small, scale), mean, rtol=0, atol=1e-3)


def test_a_model_of_another_scale_is_stored_as_it_was_trained(cascade, image):
    cascade.rescale(3)
    again = Cascade.from_model(cascade.to_model(Card("x"), quantise=False))
    torch.testing.assert_close(again(image), cascade(image), rtol=0, atol=0.02)


def test_models_that_enlarge_twice_keep_their_scale():
    cascade = Cascade(Architecture(2, (1, 1), branches=1, window=3), 3)
    cascade.stages[0].rescale(2)
    with pytest.raises(ModelError, match="1 but for the last one"):
        cascade.rescale(3)


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("recipe", ["light", "standard", "thorough"])
def test_recipes_for_everybody_begin_with_a_shipped_model(recipe, scale):
    settings, _ = read_recipe(recipe)
    noise = {"noise": 3.0} if scale == 1 else {}
    name = settings.changed(scale=scale, **noise).model.initial_model
    assert name in {entry.name for entry in list_models() if entry.origin == "shipped"}
    if recipe == "standard" and scale > 1:
        assert name == f"natural-x{scale}"


def test_few_images_move_a_model_a_little():
    few, many = FULL_LR_PIXELS // 5, 3 * FULL_LR_PIXELS
    assert lr_multiplier(FINE_TUNED, few) == 0.2
    assert lr_multiplier(FINE_TUNED, 100) == 0.03
    assert lr_multiplier(FINE_TUNED, many) == 0.3
    # A new model has nothing to lose, and a new degradation is to be learned.
    assert lr_multiplier(FINE_TUNED.changed(init_from=""), few) == 1
    assert lr_multiplier(FINE_TUNED.changed(noise=3.0), few) == 1


def test_what_is_trained_on_is_kept_where_training_makes_it_worse(folder, tmp_path):
    out = tmp_path / "own.safetensors"
    wild = FINE_TUNED.changed(table_lr=1000.0, filter_lr=5.0)
    events = list(train_folder(folder, out, wild))
    begun, *_, ended = (event for event in events if isinstance(event, Validation))
    assert (begun.step, begun.best) == (0, True)
    assert ended.psnr < begun.psnr and not ended.best
    kept = load_model(out)
    figures = kept.card.benchmark["held-out"]
    assert figures["psnr"] == figures["initial_psnr"] == round(begun.psnr, 3)
    assert kept.scale == 2
    assert events[-1].initial_psnr == events[-1].psnr, "the end says that nothing was gained"


def test_the_figure_of_what_it_began_with_outlives_a_kill(folder, tmp_path):
    whole, out = tmp_path / "whole.safetensors", tmp_path / "t.safetensors"
    *_, done = train_folder(folder, whole, FINE_TUNED)
    events = train_folder(folder, out, FINE_TUNED)
    next(event for event in events if isinstance(event, Checkpoint))
    del events  # as killed: what is on disk is all there is
    *_, resumed = train_folder(folder, out, FINE_TUNED, resume=True)
    assert resumed.initial_psnr == done.initial_psnr is not None


def test_nothing_is_measured_twice_at_the_end(folder, tmp_path, monkeypatch):
    """The same line again, "not kept" behind it, read as if the last table had been lost."""
    monkeypatch.setattr(trainer, "SECONDS_TO_FIRST_VALIDATION", 0.0)
    monkeypatch.setattr(trainer, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(trainer, "_goes_on", lambda run, point: run.step < 2)
    events = train_folder(
        folder, tmp_path / "t.safetensors", FINE_TUNED.changed(steps=None, minutes=60)
    )
    assert [e.step for e in events if isinstance(e, Validation)] == [0, 1, 2]


def test_a_model_of_one_s_own_is_trained_on(folder, tmp_path):
    first = tmp_path / "first.safetensors"
    save_model(Cascade(ARCHITECTURES["filter"], 3).to_model(Card("first")), first)
    settings = FINE_TUNED.changed(init_from=str(first), grids=((0.0, 3),), steps=60, noise=2.0)
    begun, *_, ended = (
        event.psnr
        for event in train_folder(folder, tmp_path / "second.safetensors", settings)
        if isinstance(event, Validation)
    )
    assert ended > begun + 0.5


def test_what_a_run_begins_with_costs_no_patience():
    schedule = Schedule(FINE_TUNED.changed(patience=1, steps=100))
    assert schedule.judge(34.0)
    schedule.step = 40
    for psnr in (33.0, 33.2, 33.4):
        assert not schedule.judge(psnr)
    assert schedule.early is None, "it gets better"
    assert not schedule.judge(33.3)
    assert schedule.early == 0.4


def test_a_table_tells_what_it_began_with(folder, tmp_path):
    out, recipe = tmp_path / "own.safetensors", tmp_path / "own.toml"
    recipe.write_text(
        recipe_text(
            scale=2,
            init_from="natural-x4-light",
            steps=2,
            batch=2,
            crop=16,
            grids=((0.0, 4),),
            multi_scale=(),
            card='[card]\ntraining_data = "our cells"\n',
        )
    )
    train_request(TrainRequest(folder, out, recipe=str(recipe)))
    light = load_model("natural-x4-light").card.training_data
    card = load_model(out).card
    assert card.training_data == f"our cells; fine-tuned from natural-x4-light, trained on {light}"
    # From Python too, and where a card says nothing of images.
    list(train_folder(folder, out, FINE_TUNED.changed(steps=2), card=Card("own"), overwrite=True))
    assert (
        load_model(out).card.training_data
        == f"fine-tuned from natural-x4-light, trained on {light}"
    )


def test_a_model_learns_on_from_a_network(folder, tmp_path):
    settings = FINE_TUNED.changed(
        route="distilled", label_weight=0.5, distill_start=0.5, features=4, blocks=1, steps=4
    )
    out = tmp_path / "own.safetensors"
    assert isinstance(new_model(settings), LabelNetwork)
    *_, measured = (
        event for event in train_folder(folder, out, settings) if isinstance(event, Validation)
    )
    found, light = load_model(out), load_model("natural-x4-light")
    assert [node.channels for node in found.nodes] == [node.channels for node in light.nodes]
    assert measured.psnr > measured.bicubic_psnr - 1, "tables that begin with noise are far below"


def test_values_of_another_scale_are_counted():
    for scale, start in ((4, "natural-x2"), (2, "spf-light-x4"), (3, "natural-x4-light")):
        settings = FINE_TUNED.changed(scale=scale, init_from=start)
        values = sum(stage.tables.numel() for stage in new_model(settings).stages)
        assert table_values(settings) == values


def test_time_that_is_over_before_a_step_leaves_no_table(folder, tmp_path, monkeypatch):
    """Else what was trained on stays under the new name, in all lists."""
    out, left = tmp_path / "out" / "t.safetensors", iter([True])
    out.parent.mkdir()
    monkeypatch.setattr(trainer, "_goes_on", lambda *_: next(left, False))
    with pytest.raises(SettingsError, match="over before the first step; nothing was learned"):
        list(train_folder(folder, out, FINE_TUNED))
    assert list(out.parent.iterdir()) == []
