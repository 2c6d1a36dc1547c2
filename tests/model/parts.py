"""Small tables, branches and nodes, and the check that one is refused. Belongs here: helpers."""

import numpy as np
import pytest

from napari_autolut.model import Branch, Card, ModelError, SpatialNode, Table

CARD = Card("test")


def table(grid_size=3, inputs=4, columns=1, dtype=np.float32, **options):
    return Table(np.zeros((grid_size**inputs, columns), dtype), grid_size, inputs, **options)


def branch(columns=1, window=2, **options):
    return Branch(table(columns=columns), windows(window), **options)


def windows(size=2, inputs=4):
    return np.full((inputs, size, size), 1 / size**2, np.float32)


def node(columns=1, upscale=1, **options):
    return SpatialNode((branch(columns, **options),), 4.0, 0.0, upscale)


def refused(field, make, *parts):
    with pytest.raises(ModelError) as caught:
        make()
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: found ")
    for part in parts:
        assert part in str(caught.value)
