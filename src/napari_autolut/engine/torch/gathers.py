"""Sampling and look-up in torch's own operations, for devices that have no compiled loops here.

Belongs here: the same functions as in ``lookup.py``, forward and backward, on any device. Windows
and outputs are rotated, never the image; nothing is unfolded to patches.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from napari_autolut.model.symmetry import rotated_columns

Corners = tuple[tuple[int, int], ...]


def sample(planes: Tensor, weights: Tensor, planes_of: list[tuple[int, ...]]) -> Tensor:
    """:func:`sample` as one convolution in each rotation."""
    crops, count, height, width = planes.shape
    tables, inputs, _, window, _ = weights.shape
    reads = _reads(tuple(planes_of), count, weights.device)
    kernel = torch.einsum("tjskl,tsu->tjukl", weights, reads).flatten(0, 1)
    halo_radius = window - 1
    padded = functional.pad(planes, (halo_radius,) * 4, mode="replicate")
    rotated = convolve_rotated(padded, kernel, (height, width), corners(halo_radius))
    return rotated.view(4, crops, tables, inputs, height * width)


def corners(halo_radius: int) -> Corners:
    """Where windows that begin at their pixel lie on a padded plane, in each of four rotations."""
    return ((halo_radius, halo_radius), (halo_radius, 0), (0, 0), (0, halo_radius))


def convolve_rotated(
    padded: Tensor, kernel: Tensor, size: tuple[int, int], corners: Corners
) -> Tensor:
    """(R, N, C, H, W) sums over windows, rotated once more for each first row and column."""
    more = kernel.shape[-1] - 1
    height, width = (side + more for side in size)
    return torch.stack(
        [
            functional.conv2d(
                padded[:, :, top : top + height, left : left + width],
                torch.rot90(kernel, -rotations, (2, 3)),
            )
            for rotations, (top, left) in enumerate(corners)
        ]
    )


@cache
def _reads(planes_of: tuple[tuple[int, ...], ...], count: int, device: torch.device) -> Tensor:
    """(T, S, U) which plane a table's window is laid on. Made once: copies make a card wait."""
    return functional.one_hot(torch.tensor(planes_of), count).float().to(device)


@cache
def index(numbers: tuple[int, ...], device: torch.device) -> Tensor:
    """Numbers to index with, made once for a device."""
    return torch.tensor(numbers, device=device)


def look_up(tables: Tensor, rotated: Tensor, *, grid_size: int, upscale: int = 1) -> Tensor:
    """:func:`look_up` by gathering rows, and scattering their gradients."""
    return _Gathered.apply(tables, rotated, upscale, grid_size)  # type: ignore[no-any-return, no-untyped-call]


def rotate_columns(rows: Tensor, upscale: int, rotations: int) -> Tensor:
    """Reorder the columns of rows looked up on a rotated plane (negative: the way there)."""
    if upscale == 1 or rotations == 0:
        return rows
    order = rotated_columns(rows.shape[-1], upscale, rotations % 4)
    return rows.index_select(-1, index(tuple(order), rows.device))


class _Gathered(torch.autograd.Function):
    """(N, P, C) sum over tables and rotations of (R, N, T, J, P) inputs."""

    @staticmethod
    def forward(ctx: Any, tables: Tensor, rotated: Tensor, upscale: int, nodes: int) -> Tensor:
        flat = tables.flatten(0, 1)
        total = torch.zeros((), device=flat.device)
        for k, values in enumerate(rotated):
            rows, weights, _ = _simplex(values, nodes)
            out = torch.zeros((), device=flat.device)
            for row, weight in zip(rows, weights, strict=True):
                out = out + (weight[..., None] * flat[row]).sum(1)
            total = total + rotate_columns(out, upscale, k)
        ctx.save_for_backward(tables, rotated)
        ctx.upscale, ctx.nodes = upscale, nodes
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        tables, rotated = ctx.saved_tensors
        flat = tables.flatten(0, 1)
        table_gradient, value_gradient = torch.zeros_like(flat), torch.empty_like(rotated)
        for k, values in enumerate(rotated):
            rows, weights, order = _simplex(values, ctx.nodes)
            arriving = rotate_columns(gradients[0], ctx.upscale, -k)[:, None]
            dots = torch.empty_like(weights)
            for v, (row, weight) in enumerate(zip(rows, weights, strict=True)):
                terms = (weight[..., None] * arriving).flatten(0, 2)
                table_gradient.index_add_(0, row.flatten(), terms)
                dots[v] = (flat[row] * arriving).sum(-1)
            slopes = dots.diff(dim=0).movedim(0, 2) * ((ctx.nodes - 1) / 256)
            value_gradient[k] = torch.empty_like(slopes).scatter_(2, order, slopes)
        return table_gradient.view_as(tables), value_gradient, None, None


def _simplex(values: Tensor, nodes: int) -> tuple[Tensor, Tensor, Tensor]:
    """Rows and weights (J + 1, N, T, P) of (N, T, J, P) inputs, and the order they are walked in.

    Rows count through all tables.
    """
    _, tables, inputs, _ = values.shape
    position = values * ((nodes - 1) / 256)
    base = position.floor().clamp(0, nodes - 2)
    fractions, order = (position - base).sort(dim=2, descending=True, stable=True)
    strides = nodes ** torch.arange(inputs - 1, -1, -1, device=values.device)
    first = torch.arange(tables, device=values.device)[:, None] * nodes**inputs
    start = (base.long() * strides[:, None]).sum(2) + first
    rows = torch.cat([start[:, :, None], strides[order]], 2).cumsum(2)
    ones = torch.ones_like(fractions[:, :, :1])
    bounds = torch.cat([ones, fractions, torch.zeros_like(ones)], 2)
    return rows.movedim(2, 0), -bounds.diff(dim=2).movedim(2, 0), order
