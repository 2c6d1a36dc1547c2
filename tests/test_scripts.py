"""Scripts of training, benchmarks and pages run: what they take of the package has its names still.

mypy reads them, too, but knows nothing of what comes from Qt.
"""

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from benchmarks.noise_scenes import cells
from skimage.io import imread, imsave

from napari_autolut.storage import load_model_file

ROOT = Path(__file__).parents[1]
LUTS = ROOT / "luts"


@pytest.fixture
def run(monkeypatch):
    """Run a script in this process, as its folder's others are found beside it."""

    def run_script(path, *arguments):
        script = ROOT / path
        monkeypatch.syspath_prepend(script.parent)
        monkeypatch.setattr(sys, "argv", [script.name, *map(str, arguments)])
        runpy.run_path(str(script), run_name="__main__")

    return run_script


@pytest.fixture
def micrographs(tmp_path):
    """Cells with few photons, by two laboratories: one that is trained on, and one that is not."""
    folder = tmp_path / "micrographs"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in ("hb_1", "biop_1"):
        light = 200 * cells(rng, 192) + 20
        imsave(folder / f"{name}.png", rng.poisson(light).astype(np.uint16), check_contrast=False)
    rows = [f"{name}_1.png,{name},confocal,1,uint16" for name in ("hb", "biop")]
    (folder / "SOURCES.csv").write_text("\n".join(["file,source,modality,channels,dtype", *rows]))
    return folder


def test_images_for_denoisers_are_binned_and_stretched(run, micrographs, tmp_path):
    run("training/denoiser_images.py", micrographs, tmp_path / "out")
    (made,) = (tmp_path / "out").iterdir()
    image = imread(made)
    assert made.name == "hb_1.png" and image.shape == (96, 96) and np.ptp(image) == 255


def test_pairs_for_micro_tables_fit_each_other(run, micrographs, tmp_path):
    photographs, out = tmp_path / "photographs", tmp_path / "out"
    photographs.mkdir()
    run("training/micro_pairs.py", 2, out, photographs, micrographs)
    made = list(out.glob("*/lr/*.png"))
    assert len(made) >= 3
    for path in made:
        lr, hr = imread(path), imread(path.parents[1] / "hr" / path.name)
        assert hr.shape == (2 * lr.shape[0], 2 * lr.shape[1])
        assert (
            np.corrcoef(lr.ravel(), hr.reshape(*lr.shape[:1], 2, -1, 2).mean((1, 3)).ravel())[0, 1]
            > 0.7
        )


def test_a_model_for_noise_is_joined(run, tmp_path):
    out = tmp_path / "joined.safetensors"
    run("training/noisy_model.py", out, LUTS / "natural-x2-light.safetensors", "3", "10")
    assert [each.sigma for each in load_model_file(out).noisy] == [10, 3]


def test_a_table_is_flattened_once(run, tmp_path):
    path = tmp_path / "table.safetensors"
    shutil.copy(LUTS / "natural-x2-light.safetensors", path)
    before = load_model_file(path)
    run("training/flatten.py", path)
    after = load_model_file(path)
    for node, old in zip(after.nodes, before.nodes, strict=True):
        for table, shipped in zip(node.tables, old.tables, strict=True):
            assert np.abs(table.values - shipped.values.astype(float)).max() <= 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::napari_autolut.noise.NoiseWarning")
@pytest.mark.parametrize(
    "command",
    [
        "micrographs.py micro-x2-light MICROGRAPHS",
        "error_maps.py micro-x2 MICROGRAPHS",
        "denoised_share.py micro-x2 MICROGRAPHS",
        "model_choice.py MICROGRAPHS",
        "model_choice.py MICROGRAPHS --photographs",
        "own_kind.py OWN MICROGRAPHS",
        "network_forward.py --repeats 1 --features 4 --crop 16",
    ],
)
def test_benchmarks_print_their_figures(command, run, micrographs, capsys):
    if "error_maps" in command or "own_kind" in command:  # of each source that was held out
        for source in ("faim", "histolab", "mitosis", "nanoscope", "omnipose"):
            shutil.copy(micrographs / "biop_1.png", micrographs / f"{source}_1.png")
    own = micrographs.parent / "own"
    for kind in ("nuclei-fluorescence-8bit", "phase-contrast-16bit") if "OWN" in command else ():
        (own / kind).mkdir(parents=True)
        for seed in range(2):
            image = np.rint(255 * cells(np.random.default_rng(seed), 288)).astype(np.uint8)
            imsave(own / kind / f"{seed}.png", image, check_contrast=False)
    command = command.replace("MICROGRAPHS", str(micrographs)).replace("OWN", str(own))
    script, *arguments = command.split()
    run(f"benchmarks/{script}", *arguments)
    printed = capsys.readouterr().out
    assert any(character.isdigit() for character in printed) and "nan" not in printed


PICTURES = """
import sys
from pathlib import Path
import make_pictures, picture_files
make_pictures.IMAGES = picture_files.IMAGES = Path(sys.argv[1])
make_pictures.main([name for name in make_pictures.PICTURES if name != "tour"])
"""


LENS = """
import lens
lens.ROUNDS, lens.PLACES, lens.PANS = 1, lens.PLACES[:3], lens.PANS[:3]
lens.main()
"""


def in_a_window(code, argument):
    """Run scripts that open a window in a process of its own."""
    folders = os.pathsep.join(str(ROOT / folder) for folder in ("docs", "benchmarks"))
    environment = os.environ | {"PYTHONPATH": folders}
    command = [sys.executable, "-c", code, str(argument)]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_pages_pictures_can_be_made(tmp_path, qapp):
    """All but the film, which trains for minutes."""
    in_a_window(PICTURES, tmp_path)
    assert len(list(tmp_path.glob("*.png"))) == 10


@pytest.mark.slow
def test_the_lens_is_timed(qapp):
    table = in_a_window(LENS, "natural-x4-light")
    assert re.search(r"natural-x4-light( \| \d+){4}", table)
