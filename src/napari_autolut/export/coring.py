"""Coring and noise floors as ONNX operations.

Belongs here: what ``engine/coring.py`` and ``engine/noise_floor.py`` do after the last look-up.
"""

from __future__ import annotations

import numpy as np

from napari_autolut.engine.noise_floor import DIRECTIONS
from napari_autolut.export.graph import Graph, real
from napari_autolut.export.sampling import resized
from napari_autolut.model import LutModel
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS, lines


def cored(graph: Graph, result: str, planes: str, model: LutModel) -> str:
    """A result that is bicubic interpolation where it hardly differs from that.

    Parameters
    ----------
    graph : Graph
        Where the operations go.
    result : str
        Name of the (N, 1, H * r, W * r) result of the look-ups.
    planes : str
        Name of the (N, 1, H, W) planes that they were given.
    model : LutModel
        Its coring, scale and padding are taken.

    Returns
    -------
    str
        Name of the (N, 1, H * r, W * r) result.
    """
    if not model.coring:
        return result
    base = _bicubic(graph, planes, model)
    difference = graph.add("Sub", result, base)
    threshold = real(float(np.float32(model.coring) ** 2))
    kept = graph.add("Greater", graph.add("Mul", difference, difference), threshold)
    divisor = graph.add("Where", kept, difference, real(1))
    reduced = graph.add("Sub", difference, graph.add("Div", threshold, divisor))
    return graph.add("Add", base, graph.add("Where", kept, reduced, real(0)))


def _bicubic(graph: Graph, planes: str, model: LutModel) -> str:
    """One convolution with a kernel for each of the r * r pixels that become of one."""
    scale, weights = model.scale, lines(model.scale)
    side = weights.shape[1]
    kernels = np.einsum("ai,bj->abij", weights, weights).reshape(scale**2, 1, side, side)
    around = (BICUBIC_RADIUS, BICUBIC_RADIUS)
    padded = resized(graph, planes, around, around, model.padding)
    base = graph.add("Conv", padded, kernels)
    if scale > 1:
        base = graph.add("DepthToSpace", base, blocksize=scale, mode="CRD")
    return graph.add("Clip", base, real(0), real(255))


def without_changes_below(graph: Graph, result: str, planes: str, model: LutModel) -> str:
    """A denoiser's result that is the image itself where that has no noise.

    Parameters
    ----------
    graph, result, planes, model : as for :func:`cored`
        The model's noise floor and padding are taken.

    Returns
    -------
    str
        Name of the (N, 1, H, W) result.
    """
    if not model.noise_floor:
        return result
    kernels = np.zeros((len(DIRECTIONS), 1, 3, 3), np.float32)
    for kernel, (row, column) in zip(kernels[:, 0], DIRECTIONS, strict=True):
        kernel[1 + row, 1 + column] = kernel[1 - row, 1 - column] = 1
        kernel[1, 1] = -2
    padded = resized(graph, planes, (1, 1), (1, 1), model.padding)
    differences = graph.add("Abs", graph.add("Conv", padded, kernels))
    largest = graph.add("ReduceMax", differences, axes=[1])
    for axis in (2, 3):
        largest = graph.add("Gather", largest, _inner(graph, planes, axis), axis=axis)
    share = graph.add("Min", graph.add("Div", largest, real(model.noise_floor)), real(1))
    changed = graph.add("Mul", graph.add("Sub", result, planes), share)
    return graph.add("Add", planes, changed)


def _inner(graph: Graph, planes: str, axis: int) -> str:
    """What ``engine/noise_floor.inner`` gives for the rows or columns of planes."""
    size = graph.add("Gather", graph.add("Shape", planes), np.array(axis), axis=0)
    last = graph.add("Sub", size, np.array(1))
    border = graph.add("Min", graph.add("Div", last, np.array(2)), np.array(1))
    places = graph.add("Range", np.array(0), size, np.array(1))
    return graph.add("Min", graph.add("Max", places, border), graph.add("Sub", last, border))
