"""Every published layout, with small random tables: what is built, and what it computes."""

from dataclasses import replace

import numpy as np
import pytest

from napari_autolut.engine.reference import upscale_plane
from napari_autolut.model import LutModel
from napari_autolut.storage import ModelFileError, load_model_file, save_model
from napari_autolut.storage.importers import LAYOUTS, import_tables
from tests.storage.importers import direct, tables
from tests.storage.importers.tables import picture

EXPECTED = {
    "SR-LUT S": ("SR-LUT S x4", 1, "stage", "sr-lut"),
    "SR-LUT F": ("SR-LUT F x3", 1, "stage", "sr-lut"),
    "SR-LUT V": ("SR-LUT V x2", 1, "stage", "sr-lut"),
    "SR-LUT S, widest interval": ("SR-LUT S x2", 1, "stage", "sr-lut"),
    "SR-LUT with AutoLUT": ("SR-LUT+AutoLUT 1 branch x2", 1, "stage", "autolut, sr-lut"),
    "MuLUT, one stage": ("MuLUT S x2", 1, "stage", "mulut"),
    "MuLUT": ("MuLUT SDY x4", 2, "stage", "mulut"),
    "MuLUT, three stages": ("MuLUT DY x3", 3, "stage", "mulut"),
    "MuLUT, denoising": ("MuLUT SDY x1", 2, "stage", "mulut"),
    "AutoLUT": ("MuLUT+AutoLUT 3 branches x4", 2, "branch", "autolut"),
    "AutoLUT, three stages": ("MuLUT+AutoLUT 2 branches x2", 3, "branch", "autolut"),
    "SPF-LUT": ("SPF-LUT SDY x2", 6, "stage", "dfc"),
    "SPF-LUT with AutoLUT": ("SPF-LUT+AutoLUT 2 branches x2", 6, "running", "autolut, dfc"),
    "MuLUT with DFC": ("MuLUT+DFC SDY x3", 2, "stage", "dfc"),
    "denoising with DFC": ("MuLUT+DFC SD x1", 2, "running", "dfc"),
    "deblocking with DFC": ("MuLUT+DFC S x1", 2, "running", "dfc"),
    "SPF-LUT with DFC": ("SPF-LUT+DFC SDY x2", 6, "stage", "dfc"),
    "SPF-LUT with DFC, denoising": ("SPF-LUT+DFC S x1", 6, "running", "dfc"),
    "SPF-LUT with AutoLUT and DFC": (
        "SPF-LUT+AutoLUT+DFC 1 branch x4", 6, "running", "autolut, dfc",
    ),
}  # fmt: skip


@pytest.fixture(params=tables.WRITERS)
def published(request, tmp_path):
    tables.WRITERS[request.param](tmp_path, np.random.default_rng(1))
    return request.param, tmp_path


def load(folder, name):
    return np.load(folder / f"{name}.npy")


def unrounded(model: LutModel, plane) -> np.ndarray:
    return upscale_plane(replace(model, rounding="none"), plane)


def test_what_is_built(published):
    layout, folder = published
    model = import_tables(folder)
    name, nodes, rounding, source = EXPECTED[layout]
    assert (model.name, len(model.nodes), model.card.source) == (name, nodes, source)
    assert model.rounding == rounding
    assert model.padding == ("reflect" if "SR-LUT" in layout else "edge")
    assert f"x{model.scale}" == name.split()[-1]
    restoration = "deblocking" if "deblocking" in layout else "denoising"
    assert model.card.task == ("super-resolution" if model.scale > 1 else restoration)


def test_a_saved_model_computes_the_same(published, tmp_path):
    _, folder = published
    model = import_tables(folder, licence="MIT")
    loaded = load_model_file(save_model(model, tmp_path / "model.safetensors"))
    assert loaded.card == model.card
    assert loaded.card.licence == "MIT"
    plane = picture()
    np.testing.assert_array_equal(upscale_plane(loaded, plane), upscale_plane(model, plane))


def test_one_file_finds_its_siblings(published):
    _, folder = published
    whole = upscale_plane(import_tables(folder), picture())
    files = sorted(folder.glob("*.npy"))
    for path in (files[0], files[len(files) // 2], files[-1]):
        np.testing.assert_array_equal(upscale_plane(import_tables(path), picture()), whole)


def test_the_layout_may_be_named(published):
    layout, folder = published
    fitting = EXPECTED[layout][3].split(", ")
    for name in LAYOUTS:
        if name in fitting:
            assert import_tables(folder, name).name == EXPECTED[layout][0]
        else:
            with pytest.raises(ModelFileError, match=f"layout: found .* expected {name}"):
                import_tables(folder, name)


# --- against the look-ups written out ---------------------------------------------------------


@pytest.mark.parametrize(("pattern", "size"), [("S", 5), ("F", 5), ("V", 257)])
@pytest.mark.parametrize("shape", [(6, 5), (1, 4), (2, 2)])
def test_sr_lut_computes(write, pattern, size, shape):
    bits = {5: 6, 257: 0}[size]
    folder = write(tables.sr_lut(pattern, bits, 2))
    values = load(folder, f"Model_{pattern}_x2_{bits}bit_int8")
    taps = direct.fixed("s" if pattern == "S" else pattern)
    lookup = direct.Lookup(direct.grid(values, size, len(taps)), taps)
    plane = picture(*shape)
    (expected,) = direct.stage([(lookup, plane, None)], 2, 1, 0, padding="reflect")
    np.testing.assert_array_equal(upscale_plane(import_tables(folder), plane), np.rint(expected))


def test_sr_lut_with_sampler_computes(write):
    folder = write(tables.sr_lut_with_sampler)
    taps = direct.softmaxed(load(folder, "Model_S_x2_autosample"))
    lookup = direct.Lookup(direct.grid(load(folder, "Model_S_x2_6bit_int8"), 5), taps)
    (expected,) = direct.stage([(lookup, picture(), None)], 2, 1, 0, padding="reflect")
    result = unrounded(import_tables(folder), picture())
    np.testing.assert_allclose(result, expected, atol=1e-2)


@pytest.mark.parametrize("stages", [1, 2, 3])
def test_mulut_computes(write, stages):
    folder = write(tables.mulut(stages, "yds", 3))
    plane = picture()
    for number in range(1, stages + 1):
        last = number == stages
        lookups = [
            direct.Lookup(
                direct.grid(load(folder, f"LUT_ft_x3_6bit_int8_s{number}_{branch}"), 5),
                direct.fixed(branch),
            )
            for branch in "sdy"
        ]
        sides, divisor, bias = (3, 3, 0) if last else (1, 12, 127)
        (plane,) = direct.stage([(k, plane, None) for k in lookups], sides, divisor, bias)
        plane = np.rint(plane)
    np.testing.assert_array_equal(upscale_plane(import_tables(folder), picture()), plane)


def test_autolut_computes(write):
    folder = write(tables.autolut(3, 2, 2))
    plane, before = picture(), None
    for number in range(3):
        lookups = []
        for branch in range(2):
            stem = f"LUT_x2_6bit_int8_s{number}_{branch}"
            taps = direct.softmaxed(load(folder, f"{stem}_sampler"))
            mix = load(folder, f"{stem}_residual").reshape(4).clip(0, 1) if number else None
            find = direct.grid(load(folder, stem).reshape(5**4, -1), 5)
            lookups.append((direct.Lookup(find, taps, mix), plane, before))
        upscale, divisor, bias = (2, 2, 0) if number == 2 else (1, 8, 127)
        before, (plane,) = plane, direct.stage(lookups, upscale, divisor, bias)
    result = unrounded(import_tables(folder), picture())
    np.testing.assert_allclose(result, plane, atol=1e-2)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("sampled", [False, True])
def test_spf_lut_computes(write, compressed, sampled):
    if compressed:
        folder = write(tables.dfc_spf("sy", 2, sampled=sampled))
        name, index = "spf_lut", tables.index(5, 1)
    else:
        folder, name, index = write(tables.spf("sy", 2, sampled=sampled)), "weight", None

    def lookup(place, branch, first):
        stem = f"{name}_{place}_{branch}"
        if compressed:
            pair = load(folder, f"{stem}_compress1"), load(folder, f"{stem}_compress2")
            find = direct.diagonal(*pair, index, 1, 3)
        else:
            find = direct.grid(load(folder, stem), 5)
        if not sampled:
            return direct.Lookup(find, direct.fixed(branch))
        taps = direct.softmaxed(load(folder, f"sampler_{place}_{branch}"))
        mix = load(folder, f"residual_{place}_{branch}").reshape(4).clip(0, 1)
        return direct.Lookup(find, taps, None if first else mix)

    plane, inputs, kept = picture(), [], []
    for number in (1, 2, 3, 4):
        before = inputs[-1] if sampled and inputs else None
        inputs.append(plane)
        lookups = [(lookup(f"s{number}c0", b, number == 1), plane, before) for b in "sy"]
        first, *rest = direct.stage(lookups, 1, 8, 127)
        kept.append(first)
        plane = rest[0] if rest else None
    across = direct.grid(load(folder, f"{name}_s5_channel").reshape(-1, 4), 5)
    mixed = np.apply_along_axis(lambda v: np.clip(across(v) + 127, 0, 255), 0, np.stack(kept))
    last = [
        (lookup(f"s6c{c}", b, False), mixed[c], inputs[c] if sampled else None)
        for c in range(4)
        for b in "sy"
    ]
    (expected,) = direct.stage(last, 2, 8, 0)
    result = unrounded(import_tables(folder), picture())
    np.testing.assert_allclose(result, expected, atol=1e-2)


def test_mulut_with_dfc_computes(write):
    folder = write(tables.dfc_mulut(2, "d", 2))
    plane = np.array([[10, 60, 61], [74, 75, 200], [139, 255, 0]], np.float32)
    expected = plane
    for number, upscale, divisor, bias in ((1, 1, 4, 127), (2, 2, 1, 0)):
        parts = [load(folder, f"LUT_ft_s{number}_d_compress{part}") for part in (1, 2)]
        find = direct.diagonal(*parts, tables.index(5, 1), 1, 3)
        lookup = direct.Lookup(find, direct.fixed("d"))
        (expected,) = direct.stage([(lookup, expected, None)], upscale, divisor, bias)
        expected = np.rint(expected)
    np.testing.assert_array_equal(upscale_plane(import_tables(folder), plane), expected)
