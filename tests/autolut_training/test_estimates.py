"""What a run needs of memory and disk, and the sentence when there is too little."""

import shutil
from collections import namedtuple

import numpy as np
import psutil
import pytest
import tifffile
from PIL import Image
from skimage import data

from autolut_training.api import train_folder
from autolut_training.data.dataset import read_folder
from autolut_training.data.distilled_pairs import PseudoLabels
from autolut_training.models.cascade import Cascade
from autolut_training.models.label_network import LabelNetwork
from autolut_training.report import estimates
from autolut_training.report.estimates import (
    NoRoomError,
    copies,
    copies_on_card,
    disk_bytes,
    image_bytes,
    network_values,
    table_values,
    training_bytes,
)
from autolut_training.settings import Settings, read_recipe, recipe_names
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.planes import read_planes

SMALL = Settings.of(scale=2, channels=(1,), branches=1, window=3, skip=False, steps=2, minutes=None,
                 grids=((0.0, 3),), batch=1, crop=16, multi_scale=())  # fmt: skip


@pytest.mark.parametrize(
    "settings",
    [
        Settings.of(channels=(2, 1), grids=((0.0, 3), (0.5, 5))),
        Settings.of(scale=2, channels=(4, 4, 1), branches=2, grids=((0.0, 5),)),
        Settings.of(graph="spf", branches=1, grids=((0.0, 3),)),
    ],
)
def test_table_values_are_counted(settings):
    cascade = Cascade(settings.model.architecture, settings.optimiser.grid_size_at(1.0))
    found = sum(p.numel() for n, p in cascade.named_parameters() if n.endswith("tables"))
    assert table_values(settings) == found
    assert 4 * 4 * found < training_bytes(settings)


DISTILLED = Settings.of(
    route="distilled", label_weight=0.5, distill_start=0.5, features=8, blocks=3,
    extra_downscales=(2, 3), crop=16, multi_scale=(0.75,),
)  # fmt: skip


def test_a_network_that_teaches_is_counted():
    network = LabelNetwork(
        DISTILLED.scale, DISTILLED.distillation.features, DISTILLED.distillation.blocks
    )
    weights = sum(p.numel() for name, p in network.named_parameters() if name.endswith("weight"))
    assert network_values(DISTILLED) == weights
    direct = DISTILLED.changed(
        route="direct", label_weight=0.0, distill_start=1.0, extra_downscales=()
    )
    assert training_bytes(DISTILLED) > training_bytes(direct) + 4 * 4 * weights
    assert disk_bytes(DISTILLED) == disk_bytes(direct) + 2 * 4 * weights


def test_images_of_a_distilled_run_are_counted(folder):
    data = read_folder(folder, 4, crop=16, multi_scale=(0.75,))
    pairs = (*data.train, *data.augmented)
    labels = PseudoLabels(LabelNetwork(4, 1, 1).answer, 0.5)
    more = list(labels.extra_downscales(data.train, (2, 3), 4, Degradation()))
    targets = sum(np.asarray(pair.hr).nbytes for pair in (*labels.pairs(pairs), *more))
    given = sum(pair.lr.nbytes + pair.hr.nbytes for pair in pairs)
    smaller = sum(pair.lr.nbytes for pair in more)
    whole = sum(pair.hr.nbytes for pair in data.train)
    assert copies(DISTILLED) == pytest.approx((given + targets + smaller) / whole, rel=0.02)


def test_recipes_ask_for_no_more_than_a_laptop_has():
    for name in recipe_names():
        settings, _ = read_recipe(name)
        assert training_bytes(settings.changed(init_from="")) < 8e9


def test_images_are_measured_by_their_headers(tmp_path, monkeypatch):
    grey = data.camera()
    Image.fromarray(grey).save(tmp_path / "grey.png")
    Image.fromarray(data.astronaut()).save(tmp_path / "colours.jpg")
    Image.fromarray(grey.astype(np.uint16) * 9).save(tmp_path / "16bit.png")
    monkeypatch.setattr(estimates, "SMALL_TIFF", 1000)
    deep = np.stack([grey, grey]).astype(np.uint16)
    tifffile.imwrite(tmp_path / "stack.tif", deep, compression="zlib", photometric="minisblack")
    for path in tmp_path.iterdir():
        assert image_bytes(path) == read_planes(path).values.nbytes, path
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "broken.tif").write_bytes(bytes(2000))
    assert image_bytes(tmp_path / "broken.png") == image_bytes(tmp_path / "broken.tif") == 0


def test_too_little_memory_is_said_before_images_are_read(folder, tmp_path, monkeypatch):
    memory = namedtuple("memory", "available")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(40_000))
    monkeypatch.setattr("autolut_training.preparation.read_folder", None)
    message = (
        r"memory: found 40 kB free, expected [\d.]+ [kM]B: [\d.]+ kB for the images and "
        r"[\d.]+ [kM]B for tables, "
        "optimiser and batches; take fewer images or smaller tables"
    )
    with pytest.raises(NoRoomError, match=message):
        train_folder(folder, tmp_path / "t.safetensors", SMALL)


def test_too_little_disk_is_said_before_images_are_read(folder, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr("autolut_training.preparation.read_folder", None)
    with pytest.raises(
        NoRoomError, match=r"found 1 kB free on the disk, expected [\d.]+ [kM]B for"
    ):
        train_folder(folder, tmp_path / "t.safetensors", SMALL)


def test_a_card_holds_hr_and_the_answers_of_each_phase():
    on_card = DISTILLED.changed(
        device="cuda", extra_downscales=(), multi_scale=(0.5,), sub_pixel_phases=2
    )
    assert on_card.made_on_device
    assert copies_on_card(on_card) == 1.25 * 5
    given = on_card.changed(route="direct", label_weight=0.0, distill_start=1.0)
    assert copies_on_card(given) == 1.25
    assert copies_on_card(DISTILLED) == 4 * copies(DISTILLED)
