"""The model that is chosen for the files of a folder."""

import numpy as np
import pytest
import tifffile

from napari_autolut.batch import choose_model_of_files
from napari_autolut.io import ImageFile, write_image
from tests import pictures


def frames(folder, count):
    """Noisy frames of 16 bits."""
    paths = [folder / f"frame{number}.tif" for number in range(count)]
    for number, path in enumerate(paths):
        counts = np.random.default_rng(number).poisson(40, (64, 64)).astype(np.uint16)
        write_image(path, ImageFile(counts, "YX"))
    return paths


def photograph(path):
    write_image(path, ImageFile(pictures.photograph(), "YXS"))
    return path


def test_three_files_of_many_are_looked_at(tmp_path):
    choice = choose_model_of_files(frames(tmp_path, 5))
    assert choice.name == "micro-x2"
    assert choice.reason.startswith("16-bit, noise of about ")
    assert choice.reason.endswith(" photons (3 of 5 files looked at): micro-x2")
    assert choose_model_of_files(sorted(tmp_path.iterdir()), scale=4).name == "micro-x4"


def test_one_file_needs_no_count(tmp_path):
    choice = choose_model_of_files([photograph(tmp_path / "a.png")])
    assert choice.reason == "8-bit, RGB, photograph: natural-x4"


def test_a_pixel_size_of_the_file_counts(tmp_path):
    image = ImageFile(pictures.picture((40, 40)), "YX", {"Y": 0.2, "X": 0.2}, "µm")
    write_image(tmp_path / "a.ome.tif", image)
    choice = choose_model_of_files([tmp_path / "a.ome.tif"])
    assert choice.reason.startswith("8-bit, pixels of 0.2 µm, noise of")


def test_most_files_decide_and_the_others_are_named(tmp_path):
    choice = choose_model_of_files([photograph(tmp_path / "a.png"), *frames(tmp_path, 2)])
    assert choice.name == "micro-x2"
    assert choice.reason.endswith(" (2 of 3 files looked at, others are photographs): micro-x2")


@pytest.mark.parametrize(("micrographs", "name"), [(4, "micro-x2"), (1, "natural-x4")])
def test_a_third_of_micrographs_makes_a_folder_of_them(tmp_path, micrographs, name):
    """More files are looked at: what seems a photograph may be a micrograph that tells nothing."""
    found = frames(tmp_path, micrographs)
    files = [*found, *(photograph(tmp_path / f"p{number}.png") for number in range(11))]
    choice = choose_model_of_files(files)
    assert choice.name == name
    assert "of 9 files looked at, others are " in choice.reason


def test_files_without_an_image_are_passed_over(tmp_path):
    broken, waves = tmp_path / "0.png", tmp_path / "1.tif"
    broken.write_bytes(b"no PNG")
    tifffile.imwrite(waves, np.ones((9, 9), np.complex64))
    choice = choose_model_of_files([broken, waves, *frames(tmp_path, 1)])
    assert choice.name == "micro-x2"
    for nothing in ([], [broken, waves]):
        with pytest.raises(ValueError, match="found no file with an image"):
            choose_model_of_files(nothing)
