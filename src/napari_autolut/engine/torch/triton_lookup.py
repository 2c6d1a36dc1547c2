"""The look-up as Triton kernels for CUDA, where Triton is installed.

Belongs here: kernels for four inputs and five, and what makes them a torch operation. The ranks of
the fractions come from comparisons, so nothing is sorted and no row is gathered to memory.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from napari_autolut.engine.torch.gathers import rotate_columns

INPUTS = (4, 5)
BLOCK = 64


@cache
def runs_on(device: torch.device) -> bool:
    """Whether the kernels can run on tensors of a device."""
    return device.type == "cuda" and find_spec("triton") is not None


def look_up(tables: Tensor, rotated: Tensor, *, grid_size: int, upscale: int = 1) -> Tensor:
    """:func:`look_up` for tables of four inputs or five."""
    return _Fused.apply(tables, rotated, upscale, grid_size)  # type: ignore[no-any-return, no-untyped-call]


class _Fused(torch.autograd.Function):
    """(N, P, C) sum over tables and rotations of (R, N, T, J, P) inputs."""

    @staticmethod
    def forward(ctx: Any, tables: Tensor, rotated: Tensor, upscale: int, nodes: int) -> Tensor:
        grid = _grid(rotated)
        from napari_autolut.engine.torch.lookup_kernels import forward_kernel

        rotations, crops, count, inputs, pixels = rotated.shape
        values, flat = rotated.contiguous(), tables.contiguous()
        columns = flat.shape[2]
        out = torch.empty(rotations, crops, pixels, columns, device=flat.device)
        forward_kernel[grid](
            values, flat, out, count, pixels, nodes,
            INPUTS=inputs, COLUMNS=columns, WIDTH=_power_of_two(columns), BLOCK=BLOCK,
        )  # fmt: skip
        ctx.save_for_backward(flat, values)
        ctx.upscale, ctx.nodes = upscale, nodes
        total = out[0]
        for k in range(1, rotations):
            total = total + rotate_columns(out[k], upscale, k)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        from napari_autolut.engine.torch.lookup_kernels import backward_kernel

        flat, values = ctx.saved_tensors
        rotations, _, count, inputs, pixels = values.shape
        columns = flat.shape[2]
        arriving = torch.stack(
            [rotate_columns(gradients[0], ctx.upscale, -k) for k in range(rotations)]
        )
        table_gradient, value_gradient = torch.zeros_like(flat), torch.empty_like(values)
        backward_kernel[_grid(values)](
            values, flat, arriving.contiguous(), table_gradient, value_gradient,
            count, pixels, ctx.nodes,
            INPUTS=inputs, COLUMNS=columns, WIDTH=_power_of_two(columns), BLOCK=BLOCK,
        )  # fmt: skip
        return table_gradient, value_gradient, None, None


def _grid(rotated: Tensor) -> tuple[int, int]:
    """One program for every block of pixels of every plane in every rotation."""
    rotations, crops, _, inputs, pixels = rotated.shape
    if inputs not in INPUTS:
        raise ValueError(f"look-ups of {inputs} inputs: expected 4 or 5")
    return (-(-pixels // BLOCK), rotations * crops)


def _power_of_two(columns: int) -> int:
    return 1 << (columns - 1).bit_length()
