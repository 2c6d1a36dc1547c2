"""The Make isotropic dock: factor, table, preview, the layer that comes of a run, and refusals."""

import dask.array as da
import numpy as np
import pytest
from napari.components import ViewerModel

from napari_autolut import make_isotropic
from napari_autolut.isotropic import load_axial_tables, save_axial_tables
from napari_autolut.isotropic.layer import LayerStack
from napari_autolut.isotropic.table import cubic_table
from napari_autolut.layers import source_id_of
from napari_autolut.layers.placing import layer_id
from napari_autolut.widgets.isotropic.dock import IsotropicWidget
from tests.imagelayers import assert_same_extent
from tests.isotropic.stacks import anisotropic
from tests.widgets.upscale_dock import names, run

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)

UNITS = {"scale": (0.4, 0.1, 0.1), "units": ("um",) * 3}


@pytest.fixture
def viewer():
    return ViewerModel()


@pytest.fixture
def dock(viewer, shown):
    return shown(IsotropicWidget(viewer))


@pytest.fixture
def cubic(dock, tmp_path):
    """The dock with a table that needs no learning."""
    dock.table.use(save_axial_tables([cubic_table(4)], tmp_path / "cubic.safetensors"))
    return dock


@pytest.mark.parametrize(
    "meta",
    [
        UNITS,
        {"scale": (400, 0.1, 0.1), "units": ("nm", "um", "um")},
        {"affine": np.diag([-4.0, 0.5, 1, 1]), "scale": (1, 2, 1)},
        {**UNITS, "translate": (5, 6, 7), "rotate": (20, 30, 40)},
    ],
)
def test_a_run_adds_a_stack_in_the_same_place(viewer, cubic, qtbot, meta):
    source = viewer.add_image(anisotropic(), name="cells", **meta)
    assert cubic.factor.value() == pytest.approx(4)
    assert "16 slices become 64" in cubic.summary.text()
    run(qtbot, cubic)
    assert names(viewer) == ["cells", "cells (isotropic)"]
    result = viewer.layers[1]
    np.testing.assert_array_equal(result.data, make_isotropic(source.data, 4, table=cubic_table(4)))
    assert_same_extent(result, source)
    assert result.units == source.units and source_id_of(result) == layer_id(source)
    assert "Added 'cells (isotropic)': cubic interpolation" in cubic.run_bar.status.text()


@pytest.mark.parametrize("scale", [(1.55, 1.3, 1.3), (-0.4, 0.1, 0.1)])
def test_the_result_reaches_exactly_as_far_as_its_image(viewer, dock, qtbot, tmp_path, scale):
    """Whatever digits the distance of slices has, and though z may point down."""
    source = viewer.add_image(anisotropic(), name="cells", scale=scale)
    factor = round(abs(scale[0] / scale[1]))
    table = cubic_table(max(2, factor))
    dock.table.use(save_axial_tables([table], tmp_path / "cubic.safetensors"))
    run(qtbot, dock)
    assert_same_extent(viewer.layers[1], source)


def test_an_image_that_is_moved_meanwhile_is_followed(viewer, cubic, qtbot):
    source = viewer.add_image(anisotropic(), name="cells", **UNITS)
    cubic.run_bar.button.click()
    source.scale, source.translate, source.name = (0.8, 0.2, 0.2), (1, 2, 3), "nuclei"
    qtbot.waitUntil(lambda: not cubic.run_bar.running)
    assert names(viewer) == ["nuclei", "nuclei (isotropic)"]
    assert_same_extent(viewer.layers[1], source)


@pytest.mark.parametrize("unit", ["pixel", "second"])
def test_units_that_say_nothing_of_the_distance_are_named(viewer, cubic, qtbot, unit):
    """0.4 pixels or seconds are not 4 times 0.1 um."""
    meta = {**UNITS, "units": (unit, "um", "um")}
    source = viewer.add_image(anisotropic(), name="cells", **meta)
    assert f"found slices in {unit} and pixels in micrometer" in cubic.summary.text()
    cubic.factor.setValue(4)
    run(qtbot, cubic)
    result = viewer.layers[1]
    np.testing.assert_allclose(result.scale, (0.1, 0.1, 0.1))
    assert [str(each) for each in result.units] == ["micrometer"] * 3
    assert str(source.units[0]) == unit


@pytest.mark.parametrize("scale", [(0.8, 0.1, 0.1), (0.4, 0.2, 0.1)])
def test_pixel_sizes_of_other_proportions_during_a_run_are_said(viewer, cubic, qtbot, scale):
    source = viewer.add_image(anisotropic(), name="cells", **UNITS)
    cubic.run_bar.button.click()
    source.scale = scale
    qtbot.waitUntil(lambda: not cubic.run_bar.running)
    assert_same_extent(viewer.layers[1], source)
    said = f"slices are {10 * scale[0]:g} px apart now, and the result is for 4 px. Run again."
    assert said in cubic.run_bar.status.text()


def test_pixel_sizes_of_the_same_proportions_are_not_worth_a_word(viewer, cubic, qtbot):
    source = viewer.add_image(anisotropic(), name="cells", **UNITS)
    cubic.run_bar.button.click()
    source.scale = (0.8, 0.2, 0.2)
    qtbot.waitUntil(lambda: not cubic.run_bar.running)
    assert "Run again" not in cubic.run_bar.status.text()


def test_a_distance_that_is_given_by_hand_stays_so(viewer, cubic, qtbot):
    source = viewer.add_image(anisotropic(), name="cells")
    cubic.factor.setValue(4)
    cubic.run_bar.button.click()
    source.scale = (4, 1, 1)
    qtbot.waitUntil(lambda: not cubic.run_bar.running)
    assert_same_extent(viewer.layers[1], source)


def test_what_the_preview_learned_is_used_by_the_run_and_kept(viewer, dock, qtbot, tmp_path):
    source = viewer.add_image(anisotropic(), name="cells", **UNITS)
    assert not dock.table.save.isEnabled()
    dock.preview.box.setChecked(True)
    qtbot.waitUntil(lambda: dock.preview.pictures.isVisible())
    assert "dB over cubic" in dock.preview.line.text()
    size = dock.preview.pictures.pictures["result"].pixmap.size()
    assert (size.width(), size.height()) == (64, 64)
    learned = dock._learned
    run(qtbot, dock)
    assert dock._learned is learned
    result = viewer.layers["cells (isotropic)"].data
    kept = tmp_path / "microscope.safetensors"
    dock.table.save_pressed.emit(kept)
    assert dock.table.path == kept and not load_axial_tables(kept)[0].is_cubic
    np.testing.assert_array_equal(make_isotropic(source.data, 4, table=kept), result)


def test_the_preview_follows_pixels_contrast_and_volume(viewer, cubic, qtbot):
    movie = np.stack([anisotropic(), anisotropic()[:, ::-1] // 2])
    source = viewer.add_image(movie, scale=(1, 4, 1, 1), name="movie")
    viewer.dims.set_point(0, 0)
    cubic.preview.box.setChecked(True)
    seen = []

    def changes():
        picture = cubic.preview.pictures.pictures["result"].pixmap
        if cubic.preview.busy or picture is None or picture.toImage() in seen:
            return False
        seen.append(picture.toImage())
        return True

    qtbot.waitUntil(changes)
    viewer.dims.set_point(0, 1)
    qtbot.waitUntil(changes)
    source.data = movie[:, :, :, ::-1].copy()
    qtbot.waitUntil(changes)
    source.contrast_limits = (0, 100)
    qtbot.waitUntil(changes)
    cubic.preview.row.setValue(3)
    qtbot.waitUntil(changes)


def test_another_row_does_not_begin_learning_anew(viewer, dock, qtbot, monkeypatch):
    viewer.add_image(anisotropic(), name="cells", **UNITS)
    learned, learn = [], LayerStack.plan_steps
    monkeypatch.setattr(
        LayerStack, "plan_steps", lambda *given: (learned.append(given), learn(*given))[1]
    )
    dock.preview.box.setChecked(True)
    qtbot.waitUntil(lambda: dock.preview.line.text().startswith("Learning"))
    dock.preview.row.setValue(3)
    assert dock.preview.busy
    qtbot.waitUntil(lambda: not dock.preview.busy, timeout=60_000)
    assert dock.preview.pictures.isVisible() and len(learned) == 1


def test_a_doubt_is_said_once(viewer, dock, qtbot, tmp_path):
    table = cubic_table(4, note="too few slices")
    dock.table.use(save_axial_tables([table], tmp_path / "cubic.safetensors"))
    viewer.add_image(anisotropic(), name="cells", **UNITS)
    run(qtbot, dock)
    assert dock.run_bar.status.text().count("too few slices") == 1


def test_nothing_is_learned_for_pixels_that_are_gone(viewer, cubic, qtbot):
    """A run after other pixels came, of the same shape and type, is of these."""
    source = viewer.add_image(anisotropic(), name="cells", **UNITS)
    cubic.preview.box.setChecked(True)
    qtbot.waitUntil(lambda: cubic.preview.pictures.isVisible())
    source.data = source.data[:, ::-1].copy()
    run(qtbot, cubic)
    expected = make_isotropic(source.data, 4, table=cubic_table(4))
    np.testing.assert_array_equal(viewer.layers[1].data, expected)


def test_layers_that_are_no_images_are_refused(viewer, dock):
    viewer.add_points(np.zeros((3, 3)))
    dock.run_bar.button.click()
    assert "is a Points layer" in dock.run_bar.status.text()


def test_lazy_stacks_stay_lazy_and_frames_are_looped(viewer, cubic, qtbot):
    movie = da.from_array(np.stack([anisotropic(), anisotropic()[::-1]]))
    viewer.add_image(movie, scale=(1, 4, 1, 1), name="movie", contrast_limits=(0, 255))
    assert cubic.axis.isVisible() and cubic.axis.count() == 2
    assert "computed when shown" in cubic.summary.text()
    run(qtbot, cubic)
    result = viewer.layers["movie (isotropic)"]
    assert isinstance(result.data, da.Array) and result.data.shape == (2, 64, 64, 64)
    viewer.dims.set_point(0, 1)
    cubic.preview.box.setChecked(True)
    qtbot.waitUntil(lambda: cubic.preview.pictures.isVisible())
    frames = 0
    cubic.axis.setCurrentIndex(cubic.axis.findData(frames))
    assert "isotropic already" in cubic.summary.text()


def test_a_scale_that_is_set_later_is_followed(viewer, cubic, qtbot):
    source = viewer.add_image(anisotropic(), name="cells")
    source.scale = (4, 1, 1)
    assert cubic.factor.value() == 4
    assert "16 slices become 64" in cubic.summary.text()
    source.affine = np.diag([2, 1, 1, 1])
    assert cubic.factor.value() == 8
    source.affine = np.eye(4)
    source.data = anisotropic()[:10]
    assert "10 slices become 40" in cubic.summary.text()
    run(qtbot, cubic)
    assert viewer.layers[1].data.shape == (40, 64, 64)


def test_a_missing_scale_is_said_and_can_be_given(viewer, cubic, qtbot):
    source = viewer.add_image(anisotropic(), name="cells")
    assert "distance of its slices was never set" in cubic.summary.text()
    cubic.factor.setValue(4)
    run(qtbot, cubic)
    result = viewer.layers["cells (isotropic)"]
    assert result.data.shape == (64, 64, 64) and tuple(result.scale) == (1, 1, 1)
    assert source.data.shape == (16, 64, 64)


def test_the_blur_is_asked_for(dock):
    assert dock.blur.psf == "either"
    choice = dock.blur.choice
    choice.setCurrentIndex(choice.findText("Gaussian"))
    assert dock.blur.psf == 2.0 and dock.blur.sigma.isVisible()
    choices = {"Estimated": "auto", "Mean over the slice": "area", "Single planes": "planes"}
    for words, psf in choices.items():
        choice.setCurrentIndex(choice.findText(words))
        assert dock.blur.psf == psf and not dock.blur.sigma.isVisible()


@pytest.mark.parametrize(
    ("add", "says"),
    [
        (lambda v: v.add_image(np.zeros((8, 8))), "is one plane"),
        (lambda v: v.add_labels(np.zeros((4, 8, 8), int)), "label numbers cannot be interpolated"),
        (lambda v: v.add_image(np.zeros((4, 8, 8)), scale=(4, 1, 2)), "expected square ones"),
        (lambda v: v.add_image(np.zeros((4, 8, 8)), scale=(0.5, 1, 1)), "nothing is missing"),
        (lambda v: v.add_image(np.zeros((1, 8, 8)), scale=(4, 1, 1)), "found 1 slice"),
    ],
)
def test_what_cannot_be_is_said_and_adds_nothing(viewer, dock, qtbot, notes, add, says):
    add(viewer)
    dock.run_bar.button.click()
    assert says in dock.run_bar.status.text() and says in notes[-1]
    assert len(viewer.layers) == 1


def test_learning_is_cancelled(viewer, dock, qtbot, wait_for_threads):
    viewer.add_image(anisotropic(), **UNITS)
    dock.run_bar.button.click()
    assert dock.run_bar.running
    dock.run_bar.button.click()
    wait_for_threads()
    assert "nothing was added" in dock.run_bar.status.text() and len(viewer.layers) == 1
