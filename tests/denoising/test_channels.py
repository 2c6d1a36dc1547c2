"""What is settled for each channel before a pixel is denoised."""

import numpy as np
import pytest

from napari_autolut import load_model, save_model
from napari_autolut.arrays import Axes
from napari_autolut.denoising import channels
from napari_autolut.denoising.channels import denoisers_for, known_sigma, white_noise_tables
from napari_autolut.noise import NoiseModel

PHOTONS = NoiseModel(40.0, 0.0)


@pytest.mark.parametrize("dtype", ["uint16", "int16"])
def test_the_least_number_of_a_type_counts_where_any_plane_has_it(dtype):
    """Places without light are looked for in all of a stack."""
    least = np.iinfo(dtype).min
    stack = least + 40 + 40 * np.random.default_rng(0).poisson(3, (3, 64, 64))
    noise = NoiseModel(40.0, -40.0 * least)
    (bright,) = denoisers_for(stack.astype(dtype), Axes((1, 2)), noise).denoisers
    stack[2, 5, 7] = least
    (dark,) = denoisers_for(stack.astype(dtype), Axes((1, 2)), noise).denoisers
    (real,) = denoisers_for(stack.astype("float32"), Axes((1, 2)), noise).denoisers
    assert [bright.minimum, dark.minimum, real.minimum] == [-np.inf, least, -np.inf]


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_noise_is_negligible_beside_the_range_in_any_unit(unit):
    """A ten-thousandth of the range, be it of volts or of counts."""
    ramp = unit * np.linspace(0, 1000, 64 * 64).reshape(64, 64)
    weak, strong = (NoiseModel(0.0, (unit * deviation) ** 2) for deviation in (0.05, 0.5))
    assert denoisers_for(ramp, Axes((0, 1)), weak).denoisers == (None,)
    assert denoisers_for(ramp, Axes((0, 1)), strong).denoisers != (None,)


@pytest.mark.parametrize("name", ["denoise-10", "denoise-3", "denoise-3-light"])
def test_a_copy_of_a_shipped_table_takes_the_same_noise_away(name, tmp_path):
    """It was refused under its new name, as a table for an unknown noise."""
    copy = save_model(load_model(name), tmp_path / "ours.safetensors")
    (of_copy,), (shipped,) = white_noise_tables(copy), white_noise_tables(name)
    assert of_copy.sigma == shipped.sigma > 0 and of_copy.model.name == "ours"
    assert known_sigma(load_model("deblock-jpeg")) == 0


def test_shipped_tables_are_read_once_for_all_unknown_models(monkeypatch):
    """Docks and Compare ask at every step."""
    unknown = load_model("deblock-jpeg")
    assert known_sigma(unknown) == 0

    def no_more():
        raise AssertionError("models were listed again")

    monkeypatch.setattr(channels, "list_models", no_more)
    assert known_sigma(unknown) == 0
