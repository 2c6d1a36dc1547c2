"""Real tables in published layouts give the images that their authors' programs give.

``goldens`` holds one small plane for each of three methods, with the rows of the tables that it
touches; all other rows are 0. Whole tables and more images may lie beside the repository.
"""

from pathlib import Path

import numpy as np
import pytest
from skimage.io import imread

from napari_autolut.engine import plane_engine
from napari_autolut.storage.importers import import_tables

SMALL = Path(__file__).parent / "goldens"
GOLDENS = Path(__file__).parents[4] / "shared" / "goldens"
IMAGES = ("astro24x31", "edges9x13", "noise16")

MIN_EQUAL = {
    "MuLUT_x2sdy_x4": 1.0,
    "DFC_MuLUT_x2sdy_x4_xyzt2i5": 1.0,
    "AutoLUT-MuLUT_mulut_st2n3k5_x4": 0.999,
    "AutoLUT-SPF_lin_s_k5_x4_d2i5": 0.999,
}
"""Share of values that must be equal; the others may be 1 off."""

whole_tables = pytest.mark.skipif(
    not GOLDENS.is_dir(), reason="the authors' tables and images are not beside the repository"
)


@pytest.mark.parametrize("name", [name for name in MIN_EQUAL if not name.startswith("DFC")])
def test_gives_the_authors_plane(tmp_path, name):
    with np.load(SMALL / f"{name}.npz") as arrays:
        for stem in set(arrays) - {"input", "output"}:
            np.save(tmp_path / f"{stem}.npy", arrays[stem])
        given, expected = arrays["input"].astype(np.float32), arrays["output"]
    model = import_tables(tmp_path)
    for engine in ("reference", "fast"):
        _assert_nearly_equal(plane_engine(engine)(model, given), expected, MIN_EQUAL[name])


def _assert_nearly_equal(found, expected, least_equal):
    off = np.abs(found - expected)
    assert off.max() <= (least_equal < 1)
    assert np.mean(off == 0) >= least_equal


@pytest.fixture(scope="module", params=MIN_EQUAL)
def case(request):
    folder = GOLDENS / request.param
    return folder, import_tables(folder / "tables"), MIN_EQUAL[request.param]


@whole_tables
@pytest.mark.parametrize("image", IMAGES)
@pytest.mark.parametrize("engine", ["reference", "fast"])
def test_gives_the_authors_image(case, engine, image):
    folder, model, least_equal = case
    upscale = plane_engine(engine)
    given = imread(folder / f"{image}_in.png").astype(np.float32)
    planes = [upscale(model, given[..., channel]) for channel in range(given.shape[-1])]
    _assert_nearly_equal(np.stack(planes, -1), imread(folder / f"{image}_out.png"), least_equal)


@whole_tables
def test_cards_say_what_the_tables_are(case):
    folder, model, _ = case
    title = "SPF-LUT" if "SPF" in folder.name else "MuLUT"
    assert model.scale == 4
    assert model.name.startswith(title)
    assert ("DFC" in model.name) == ("ref2index_xyzt2i5.npy" in {p.name for p in _files(folder)})
    assert ("AutoLUT" in model.name) == ("AutoLUT" in folder.name)
    assert model.card.task == "super-resolution"
    assert model.card.licence == "unknown"


def _files(folder: Path) -> list[Path]:
    return list((folder / "tables").iterdir())
