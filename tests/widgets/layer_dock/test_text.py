"""What the Upscale dock says of a run."""

import numpy as np
import pytest
from napari.layers import Image

from napari_autolut.layers.plan import RunPlan
from napari_autolut.layers.task import LayerTask
from napari_autolut.widgets.layer_dock.text import added_text, result_text, unit_text
from tests.conftest import small_model


@pytest.mark.parametrize(
    ("shape", "rgb", "unit"),
    [
        ((8, 8), False, "tile"),
        ((3, 8, 8), False, "slices"),
        ((8, 8, 3), True, "tiles"),
        ((2, 8, 2000), False, "tiles"),
    ],
)
def test_a_run_is_counted_in_slices_where_each_is_one_tile(shape, rgb, unit):
    image = Image(np.zeros(shape, np.uint8), rgb=rgb)
    plan = RunPlan.of([LayerTask.of(image, small_model("small-x1", 1))], "memory")
    assert unit_text(plan) == unit


def test_types_are_called_by_their_names_whatever_their_byte_order():
    image = Image(np.zeros((8, 8), ">u2"), contrast_limits=(0, 1))
    text = result_text(LayerTask.of(image, small_model("small-x1", 1)))
    assert text.startswith("8 \N{MULTIPLICATION SIGN} 8 px, uint16, ")


@pytest.mark.parametrize(
    ("values", "said"), [((3, 3, 3), ""), ((np.nan,) * 3, ""), ((0, 1, 2), " with range 0 to 2")]
)
def test_a_range_is_named_where_there_is_one(values, said):
    image = Image(np.array([values] * 3, np.float32), contrast_limits=(0, 1))
    task = LayerTask.of(image, small_model("small-x1", 1))
    assert task.limits
    assert added_text(["a"], [task]) == f"Added 'a'{said}"
