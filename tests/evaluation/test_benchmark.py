from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_autolut import upscale
from napari_autolut.arrays import bicubic
from napari_autolut.arrays.value_range import IntensityWarning
from napari_autolut.evaluation.benchmark import evaluate
from napari_autolut.evaluation.methods import Method, measure_pairs
from napari_autolut.evaluation.metrics import psnr_y, ssim_y
from napari_autolut.evaluation.pairs import EvaluationError, find_pairs
from napari_autolut.evaluation.report import as_json, as_table
from napari_autolut.io import ImageFile, ImageFileError, write_image
from napari_autolut.model import LutModel
from napari_autolut.util.warning import warn
from tests.conftest import small_model
from tests.evaluation.images import save, scene

BENCH = Path(__file__).parents[3] / "shared" / "images" / "bench"


@pytest.fixture
def quick() -> LutModel:
    return small_model("quick-x2", 2)


@pytest.fixture
def identity() -> LutModel:
    return small_model("same-x1", 1)


def test_warnings_name_the_image(tmp_path: Path, quick: LutModel) -> None:
    counts = scene((32, 36)).astype(np.uint64) << np.uint64(50)
    tifffile.imwrite(tmp_path / "counts.tif", counts)
    with pytest.warns(IntensityWarning, match="^counts: image: found uint64"):
        evaluate(quick, tmp_path)

    def doubtful(lr: np.ndarray, rgb: bool) -> np.ndarray:
        warn("not sure", UserWarning)
        return np.repeat(np.repeat(lr, 2, 0), 2, 1)

    methods = [Method("doubtful", doubtful)]
    with pytest.warns(UserWarning, match="^counts: not sure"):
        list(measure_pairs(find_pairs(quick, tmp_path, None), methods, 2, print))


def test_figures_of_each_image_and_their_mean(tmp_path: Path, quick: LutModel) -> None:
    hr = tmp_path / "hr"
    images = {
        "colour": scene((41, 34, 3), 1).astype(np.uint8),  # odd: is cropped
        "grey": scene((32, 36), 2).astype(np.uint8),
    }
    for name, image in images.items():
        save(hr, f"{name}.png", image)
    (hr / "notes.txt").write_text("not an image")
    found = evaluate(quick, hr)
    assert (found.model, found.scale, found.baseline) == ("quick-x2", 2, "bicubic")
    assert [row.image for row in found.rows] == ["colour", "grey"]
    for row in found.rows:
        image = images[row.image]
        truth = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]
        small = bicubic.resize(truth, Fraction(1, 2))
        result = upscale(small, quick, rgb=image.ndim == 3, value_range="dtype")
        assert row.model.psnr == psnr_y(result, truth, border=2)
        assert row.model.ssim == ssim_y(result, truth, border=2)
        assert row.baseline.psnr == psnr_y(bicubic.resize(small, 2), truth, border=2)
    assert found.mean.model.psnr == pytest.approx(np.mean([r.model.psnr for r in found.rows]))
    assert found.mean.baseline.ssim == pytest.approx(np.mean([r.baseline.ssim for r in found.rows]))


@pytest.mark.skipif(not BENCH.is_dir(), reason="the benchmark images are not beside the repository")
@pytest.mark.parametrize(
    ("data_set", "scale", "psnr", "ssim"),
    [("Set5", 2, 33.67, 0.930), ("Set5", 4, 28.42, 0.811), ("Set14", 4, 26.09, 0.705)],
)
def test_bicubic_figures_are_the_published_ones(
    data_set: str, scale: int, psnr: float, ssim: float
) -> None:
    folder = BENCH / data_set
    made = evaluate(small_model("m", scale), folder / "HR")
    given = evaluate(small_model("m", scale), folder / "HR", folder / "LR_bicubic" / f"X{scale}")
    assert made == given  # our LR images are MATLAB's, bit for bit
    assert made.mean.baseline.psnr == pytest.approx(psnr, abs=0.01)
    assert made.mean.baseline.ssim == pytest.approx(ssim, abs=0.0006)


def test_16_bits_and_floats_are_measured_on_their_own_range(
    tmp_path: Path, quick: LutModel
) -> None:
    image = scene((48, 44), 3)
    image.flat[:2] = 0, 255
    save(tmp_path / "8", "a.png", image.astype(np.uint8))
    save(tmp_path / "16", "a.png", (image * 20 + 1000).astype(np.uint16))
    save(tmp_path / "32", "a.tif", (image / 255).astype(np.float32))
    eight, sixteen, real = (evaluate(quick, tmp_path / bits).rows[0] for bits in ("8", "16", "32"))
    # The same picture: only the rounding to whole numbers differs.
    for row in (sixteen, real):
        assert row.baseline.psnr == pytest.approx(eight.baseline.psnr, abs=0.2)
        assert row.baseline.ssim == pytest.approx(eight.baseline.ssim, abs=0.005)


def test_a_hot_pixel_raises_no_psnr(tmp_path: Path, quick: LutModel) -> None:
    image = (scene((48, 44), 3) * 20 + 1000).astype(np.uint16)
    hot = image.copy()
    hot[20, 20] = 65535
    small = image.reshape(24, 2, 22, 2).mean((1, 3)).astype(np.uint16)
    for name, truth in (("clean", image), ("hot", hot)):
        save(tmp_path / name, "a.tif", truth)
        save(tmp_path / f"{name} lr", "a.tif", small)
    clean, found = (evaluate(quick, tmp_path / n, tmp_path / f"{n} lr").rows[0].baseline
                    for n in ("clean", "hot"))  # fmt: skip
    assert found.psnr == pytest.approx(clean.psnr, abs=1), "12 dB more on its own range"
    assert found.ssim == pytest.approx(clean.ssim, abs=0.02)


def test_complex_numbers_are_named(tmp_path: Path, quick: LutModel) -> None:
    save(tmp_path / "hr", "a.tif", scene((48, 44)).astype(np.complex64))
    with pytest.raises(EvaluationError, match=r"a\.tif: .* found complex64, expected integers"):
        evaluate(quick, tmp_path / "hr")


def test_inputs_are_found_by_name(tmp_path: Path, quick: LutModel) -> None:
    hr, lr = tmp_path / "hr", tmp_path / "lr"
    for name in ("0001.png", "b_HR.png", "c.png", "c2.png", "d.ome.tif", "\xe9.tif"):
        save(hr, name, scene((32, 32)).astype(np.uint8))
    for name in ("0001x2.png", "0001x4.png", "b_LR.png", "c_x2.tif", "c2.png", "D_lr.tif",
                 "e\u0301.tif"):  # fmt: skip
        save(lr, name, scene((16, 16)).astype(np.uint8))
    pairs = {p.hr.path.name: p.lr.path.name for p in find_pairs(quick, hr, lr) if p.lr}
    assert pairs == {
        "0001.png": "0001x2.png", "b_HR.png": "b_LR.png", "c.png": "c_x2.tif",
        "c2.png": "c2.png", "d.ome.tif": "D_lr.tif", "\xe9.tif": "e\u0301.tif",
    }  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_pipes_and_folders_are_no_images(tmp_path: Path, quick: LutModel) -> None:
    save(tmp_path / "hr", "a.tif", scene((12, 14)))
    os.mkfifo(tmp_path / "hr" / "pipe.tif")
    (tmp_path / "hr" / "folder.tif").mkdir()
    (tmp_path / "hr" / "gone.tif").symlink_to("nowhere.tif")
    assert [each.name for each in find_pairs(quick, tmp_path / "hr")] == ["a"]


def test_scale_1_is_compared_with_its_input(tmp_path: Path, identity: LutModel) -> None:
    truth = scene((30, 30)).astype(np.uint8)
    noise = np.random.default_rng(0).integers(0, 30, truth.shape)
    noisy = np.clip(truth + noise, 0, 255).astype(np.uint8)
    save(tmp_path / "hr", "a.png", truth)
    save(tmp_path / "lr", "a.png", noisy)
    found = evaluate(identity, tmp_path / "hr", tmp_path / "lr")
    assert found.baseline == "input"
    assert found.rows[0].baseline.psnr == psnr_y(noisy, truth, border=1)
    with pytest.raises(EvaluationError, match="keeps the size"):
        evaluate(identity, tmp_path / "hr")


def test_alpha_does_not_count(tmp_path: Path, quick: LutModel) -> None:
    colour = scene((32, 32, 3)).astype(np.uint8)
    alpha = np.full((32, 32, 1), 99, np.uint8)
    save(tmp_path / "rgb", "a.png", colour)
    save(tmp_path / "rgba", "a.png", np.concatenate([colour, alpha], -1))
    assert evaluate(quick, tmp_path / "rgb") == evaluate(quick, tmp_path / "rgba")


def test_what_cannot_be_compared(tmp_path: Path, quick: LutModel) -> None:
    hr, lr = tmp_path / "hr", tmp_path / "lr"
    empty = tmp_path / "empty"
    empty.mkdir()
    save(hr, "a.png", scene((32, 32)).astype(np.uint8))
    save(lr, "b.png", scene((16, 16)).astype(np.uint8))

    def fails(words: str, *folders: Path, error: type[ValueError] = EvaluationError) -> None:
        with pytest.raises(error, match=words):
            evaluate(quick, *folders)

    fails("no folder", tmp_path / "nowhere")
    fails("no images", empty)
    fails("found none for a.png", hr, lr)
    save(lr, "a.png", scene((15, 16)).astype(np.uint8))
    fails("found 15 x 16 pixels, expected 16 x 16", hr, lr)
    save(tmp_path / "deep", "a.png", scene((16, 16)).astype(np.uint16))
    fails("found uint16 grey, expected uint8 grey", hr, tmp_path / "deep")
    save(tmp_path / "colour", "a.png", scene((16, 16, 3)).astype(np.uint8))
    fails("found uint8 RGB, expected uint8 grey", hr, tmp_path / "colour")
    save(tmp_path / "tiny", "a.png", scene((13, 32)).astype(np.uint8))
    fails("found 13 x 32 pixels, expected at least 15", tmp_path / "tiny")
    save(tmp_path / "flat", "a.png", np.full((32, 32), 7, np.uint16))
    fails("a: found the value 7 only", tmp_path / "flat")
    (tmp_path / "stack").mkdir()
    stack = ImageFile(np.zeros((3, 32, 32), np.uint8), "ZYX")
    write_image(tmp_path / "stack" / "a.tif", stack)
    save(tmp_path / "one", "a.png", scene((16, 16)).astype(np.uint8))
    words = "found 1 x 1 channels and slices, expected 1 x 3"
    fails(words, tmp_path / "stack", tmp_path / "one")
    (hr / "broken.png").write_bytes(b"\x89PNG")
    fails("broken.png", hr, error=ImageFileError)


def test_a_stack_is_measured_as_a_whole(tmp_path: Path, quick: LutModel) -> None:
    stack = np.stack([scene((32, 36), n, 4000) for n in range(3)]).astype(np.uint16)
    stack[1] = 7  # a blank slice makes no figure infinite
    write_image(tmp_path / "a.tif", ImageFile(stack, "ZYX"))
    (row,) = evaluate(quick, tmp_path).rows
    small = np.stack([bicubic.resize(plane, Fraction(1, 2)) for plane in stack])
    larger = upscale(small.round().clip(0, 65535).astype(np.uint16), quick, rgb=False)
    inside = np.s_[:, 2:-2, 2:-2]
    error = (larger[inside].astype(float) - stack[inside]) / (int(stack.max()) - int(stack.min()))
    psnr = -10 * np.log10(np.mean((219 / 255 * error) ** 2))
    assert row.image == "a" and row.model.psnr == pytest.approx(psnr, abs=0.01)
    planes = [psnr_y(b, a, border=2, value_range=(stack.min(), stack.max()))
              for a, b in zip(stack, larger, strict=True)]  # fmt: skip
    assert np.isinf(planes[1]) or planes[1] > 60


def test_every_image_and_channel_of_a_file_counts(tmp_path: Path, quick: LutModel) -> None:
    images = [scene((32, 32), n).astype(np.uint8) for n in range(4)]
    (tmp_path / "two").mkdir()
    with tifffile.TiffWriter(tmp_path / "two" / "positions.ome.tif", ome=True) as writer:
        writer.write(images[0], photometric="minisblack")
        writer.write(images[1], photometric="minisblack")
    both = np.stack(images[2:])
    write_image(tmp_path / "two" / "z.ome.tif", ImageFile(both, "CYX", flavour="ome"))
    with tifffile.TiffWriter(tmp_path / "two" / "z2.tif") as writer:
        writer.write(images[0], photometric="minisblack")
        writer.write(images[0][:7, :9], photometric="minisblack", subfiletype=1)
    for number, image in enumerate(images):
        save(tmp_path / "single", f"{number}.png", image)
    found, alone = evaluate(quick, tmp_path / "two"), evaluate(quick, tmp_path / "single")
    names = ["positions.ome, series 0", "positions.ome, series 1", "z.ome, channel 1"]
    assert [row.image for row in found.rows] == [*names, "z.ome, channel 2", "z2"]
    assert [row.model for row in found.rows[:4]] == [row.model for row in alone.rows]
    remarks = [pair.remark for pair in find_pairs(quick, tmp_path / "two")]
    assert remarks == ["", "", "", "left out: series 1 (thumbnail, 9 x 7)"]


def test_report_as_table_and_json(tmp_path: Path, quick: LutModel) -> None:
    hr = tmp_path / "hr"
    save(hr, "a long name.png", scene((32, 32)).astype(np.uint8))
    almost_flat = np.full((32, 32), 9, np.uint8)
    almost_flat[0, 0] = 10  # in the border: bicubic is exact, its PSNR infinite
    save(hr, "flat.png", almost_flat)
    found = evaluate(quick, hr)
    lines = as_table(found).splitlines()
    assert lines[0].split()[0] == "image" and "quick-x2 dB" in lines[0]
    assert [line.split("  ")[0] for line in lines[1:]] == ["a long name", "flat", "mean"]
    assert len({line.rindex(".") for line in lines[1:]}) == 1  # columns are aligned
    assert f"{found.rows[0].model.psnr:.2f}" in lines[1]

    report = json.loads(as_json(found))
    assert report["model"] == "quick-x2" and report["napari_autolut"]
    assert report["images"][0]["psnr_y"] == found.rows[0].model.psnr
    assert report["images"][1]["baseline_psnr_y"] is None
    assert report["mean"]["ssim_y"] == found.mean.model.ssim == found.rows[0].model.ssim
    assert [each["image"] for each in report["left_out"]] == ["flat"]
