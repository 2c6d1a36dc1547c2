"""Sampling and look-up as differentiable torch operations, forward and backward by hand.

Belongs here: the operations on the CPU, over the compiled loops of ``kernels.py``, and the choice
by device. What runs on other devices is in ``gathers.py`` and ``triton_lookup.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from autolut_training.ops import kernels
from napari_autolut.compilation.values import LANES
from napari_autolut.compilation.vectors import static
from napari_autolut.engine.shapes import Shape
from napari_autolut.engine.threads import kept_pool
from napari_autolut.engine.torch import gathers
from napari_autolut.engine.torch.device import device_look_up
from napari_autolut.engine.torch.gathers import rotate_columns


def _share_count(crops: int) -> int:
    """Into how many shares the threads divide a batch."""
    return min(torch.get_num_threads(), crops)


def _in_shares(work: Callable[[int, slice], None], crops: int) -> None:
    """Run ``work(share, crops of that share)`` on every thread.

    Shares depend on the thread count alone, so the same count gives the same sums, bit for bit.
    """
    workers = _share_count(crops)
    edges = [crops * i // workers for i in range(workers + 1)]
    shares = [slice(a, b) for a, b in itertools.pairwise(edges)]
    if workers == 1:
        work(0, shares[0])
    else:
        list(kept_pool(workers).map(work, range(workers), shares))


def _flat(tensor: Tensor) -> NDArray[np.float32]:
    """A contiguous tensor's memory as a flat array, shared."""
    return tensor.numpy().reshape(-1)


def _tap_offsets(window: int, row_stride: int) -> list[NDArray[np.int64]]:
    """For each rotation, the distances of a window's taps, in the order of rows and columns."""
    rows, columns = np.divmod(np.arange(window * window), window)
    offsets = []
    for _ in range(4):
        offsets.append(rows * row_stride + columns)
        rows, columns = columns, -rows
    return offsets


class _Sampling(torch.autograd.Function):
    """(4, N, T, J, H * W) window sums in each rotation, of (N, U, H, W) planes."""

    @staticmethod
    def forward(ctx: Any, planes: Tensor, weights: Tensor, planes_of: tuple[Any, ...]) -> Tensor:
        crops, count, height, width = planes.shape
        tables, inputs, _, window, _ = weights.shape
        if width % LANES:
            raise ValueError(f"crops {width} pixels wide: expected a multiple of {LANES}")
        halo = window - 1
        padded = functional.pad(planes.detach(), (halo,) * 4, mode="replicate").contiguous()
        taps = weights.detach().flatten(3).contiguous()
        out = torch.empty(4, crops, tables, inputs, height * width)
        row_stride = width + 2 * halo
        size = row_stride * (height + 2 * halo)
        geometry = (count, size, row_stride, halo * row_stride + halo, height, width)
        numbers = np.array(planes_of, np.int64)
        together = static(next(n for n in (4, 2, 1) if width % (n * LANES) == 0))

        def work(_: int, share: slice) -> None:
            for k, offsets in enumerate(_tap_offsets(window, row_stride)):
                kernels.sample_forward(
                    _flat(padded[share]),
                    kernels.Windows(taps.numpy(), numbers, offsets),
                    _flat(out[k][share]),
                    kernels.Geometry(share.stop - share.start, *geometry),
                    together,
                )

        _in_shares(work, crops)
        ctx.save_for_backward(padded, taps)
        ctx.window, ctx.numbers, ctx.geometry = window, numbers, geometry
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        padded, taps = ctx.saved_tensors
        arriving, crops = gradients[0].contiguous(), len(padded)
        padded_gradient = torch.zeros_like(padded)
        shares = _share_count(crops)
        tap_gradients = torch.zeros(shares, *taps.shape)
        row_stride = ctx.geometry[2]

        def work(number: int, share: slice) -> None:
            for k, offsets in enumerate(_tap_offsets(ctx.window, row_stride)):
                kernels.sample_backward(
                    kernels.Padded(_flat(padded[share]), _flat(padded_gradient[share])),
                    kernels.Windows(taps.numpy(), ctx.numbers, offsets),
                    _flat(arriving[k][share]),
                    tap_gradients[number].numpy(),
                    kernels.Geometry(share.stop - share.start, *ctx.geometry),
                )

        _in_shares(work, crops)
        plane_gradient = None
        if ctx.needs_input_grad[0]:
            plane_gradient = _fold_borders(padded_gradient, ctx.window - 1)
        weight_gradient = tap_gradients.sum(0)
        weight_gradient = weight_gradient.view(*weight_gradient.shape[:3], ctx.window, ctx.window)
        return plane_gradient, weight_gradient, None


def _fold_borders(padded: Tensor, halo: int) -> Tensor:
    """Backward of padding by repetition: what the border received belongs to the edge pixels."""
    inner = padded[:, :, halo:-halo].clone()
    inner[:, :, 0] += padded[:, :, :halo].sum(2)
    inner[:, :, -1] += padded[:, :, -halo:].sum(2)
    result = inner[:, :, :, halo:-halo].clone()
    result[:, :, :, 0] += inner[:, :, :, :halo].sum(3)
    result[:, :, :, -1] += inner[:, :, :, -halo:].sum(3)
    return result


def sample(planes: Tensor, weights: Tensor, planes_of: list[tuple[int, ...]]) -> Tensor:
    """Window sums around every pixel, in each of the four rotations, edges repeated.

    Parameters
    ----------
    planes : Tensor of float32, shape (N, U, H, W)
        The planes; W is a multiple of the vector length (16).
    weights : Tensor, shape (T, J, S, K, K)
        Window weights of table t's input j on each of its S planes.
    planes_of : list of tuple of int
        T tuples of the S plane numbers.

    Returns
    -------
    Tensor of float32, shape (4, N, T, J, H * W)
        Inputs in the four rotations; differentiable in planes and weights.
    """
    if planes.device.type != "cpu":
        return gathers.sample(planes, weights, planes_of)
    return _Sampling.apply(planes, weights, tuple(planes_of))  # type: ignore[no-any-return, no-untyped-call]


class _RotationEnsemble(torch.autograd.Function):
    """(N, P, C) sum over tables and rotations of (4, N, T, J, P) inputs."""

    @staticmethod
    def forward(ctx: Any, tables: Tensor, rotated: Tensor, upscale: int, nodes: int) -> Tensor:
        rotations, crops, count, inputs, pixels = rotated.shape
        columns = tables.shape[2]
        shape = Shape(static(columns), static(inputs))
        if pixels % LANES:
            raise ValueError(f"crops of {pixels} pixels: expected a multiple of {LANES}")
        values, flat = rotated.detach().contiguous(), _flat(tables.detach().contiguous())
        out = torch.zeros(rotations, crops, pixels, columns)

        def work(_: int, share: slice) -> None:
            for k in range(rotations):
                kernels.forward(
                    _flat(values[k][share]),
                    kernels.Tables(flat, nodes, count, share.stop - share.start, pixels),
                    _flat(out[k][share]),
                    shape,
                )

        _in_shares(work, crops)
        ctx.save_for_backward(tables, values)
        ctx.upscale, ctx.nodes = upscale, nodes
        total = out[0]
        for k in range(1, rotations):
            total = total + rotate_columns(out[k], upscale, k)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        tables, values = ctx.saved_tensors
        rotations, crops, count, inputs, pixels = values.shape
        columns = tables.shape[2]
        shape = Shape(static(columns), static(inputs))
        flat = _flat(tables.detach().contiguous())
        arriving = [
            rotate_columns(gradients[0], ctx.upscale, -k).contiguous() for k in range(rotations)
        ]
        value_gradient = torch.empty_like(values)
        shares = _share_count(crops)
        table_gradients = torch.zeros(shares, *tables.shape)

        def work(number: int, share: slice) -> None:
            for k in range(rotations):
                kernels.backward(
                    _flat(values[k][share]),
                    kernels.Tables(flat, ctx.nodes, count, share.stop - share.start, pixels),
                    kernels.Gradients(
                        _flat(arriving[k][share]),
                        _flat(value_gradient[k][share]),
                        _flat(table_gradients[number]),
                    ),
                    shape,
                )

        _in_shares(work, crops)
        table_gradient = table_gradients[0] if shares == 1 else table_gradients.sum(0)
        return table_gradient, value_gradient, None, None


def look_up(tables: Tensor, rotated: Tensor, *, grid_size: int, upscale: int = 1) -> Tensor:
    """Sum of simplex-interpolated rows over tables and rotations.

    Parameters
    ----------
    tables : Tensor of float32, shape (T, L ** J, C)
        The tables.
    rotated : Tensor of float32, shape (R, N, T, J, P)
        Inputs in [0, 256), sampled in each of R <= 4 rotations.
    grid_size : int
        Grid nodes L on each axis.
    upscale : int, default 1
        Factor r; rows hold ``C / r**2`` blocks of r x r that rotate with the plane.

    Returns
    -------
    Tensor of float32, shape (N, P, C)
        Sums of the look-ups; differentiable in the tables and in the inputs.
    """
    if rotated.device.type != "cpu":
        by_device = device_look_up(rotated.device, rotated.shape[3])
        return by_device(tables, rotated, grid_size=grid_size, upscale=upscale)
    return _RotationEnsemble.apply(tables, rotated, upscale, grid_size)  # type: ignore[no-any-return, no-untyped-call]
