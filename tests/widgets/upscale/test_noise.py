"""The dock's choice of noise: for models that know of it, and as results were made."""

from napari_autolut import load_model
from napari_autolut.widgets.upscale.noise import NoiseBox
from tests.arrays.noisy_cells import knowing_noise


def test_only_models_that_know_of_noise_have_a_choice(qtbot):
    box = NoiseBox()
    qtbot.addWidget(box)
    box.adapt_to(knowing_noise())
    assert box.isEnabled() and box.noise == "auto"
    box.adapt_to(load_model("natural-x2"))
    assert not box.isEnabled() and "knows no noise" in box.toolTip()


def test_as_a_result_was_made(qtbot):
    box = NoiseBox()
    qtbot.addWidget(box)
    with qtbot.waitSignal(box.noise_changed):
        box.choose("none")
    assert box.noise is None
    box.choose("white noise, 10 grey levels per photon")
    assert box.noise == "auto"
