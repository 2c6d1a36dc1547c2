"""Numbers of a noise model in fields, for images of any unit."""

import pytest

from napari_autolut.denoising import FoundNoise
from napari_autolut.noise import NoiseModel
from napari_autolut.widgets.denoise.noise.numbers import NoiseNumbers


@pytest.mark.parametrize("unit", [1.0, 1 / 65535, 1e-9])
def test_found_noise_stays_as_it_is(qtbot, unit):
    """Intensities may be counts, parts of white, or watts: a faint image has noise, too."""
    noise = NoiseModel(0.5 * unit, 9 * unit**2)
    numbers = NoiseNumbers()
    qtbot.addWidget(numbers)
    numbers.suggest(FoundNoise(noise, 0.0, 1000 * unit))
    for field in numbers.fields:
        field.interpretText()
    assert numbers.model.gain == pytest.approx(noise.gain, rel=1e-3)
    assert numbers.model.offset_variance == pytest.approx(noise.offset_variance, rel=1e-3)
