"""The dense network on the CPU, in blocks of pixels that stay in the cache, forward and backward.

Belongs here: the hidden layers as one torch operation. Layer by layer over all pixels the processor
waits for memory; block by block through all layers it multiplies. Blocks are shared out among
threads, so that no layer has to wait for the slowest of them.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

BLOCK = 1024


def dense_rows(values: Tensor, weights: list[Tensor], biases: list[Tensor]) -> Tensor:
    """Outputs of densely connected GELU layers.

    Parameters
    ----------
    values : Tensor of float32, shape (T, J, M)
        Inputs of the first layer.
    weights, biases : list of Tensor, shape (T, C, R) and (T, C, 1)
        Those of every layer, float32 or bfloat16 (the first layer always float32); the hidden
        ones have the same number of channels.

    Returns
    -------
    Tensor of float32, shape (T, C, M)
        Outputs of the last layer; differentiable in all arguments.
    """
    return _Blocks.apply(values, len(weights), *weights, *biases)  # type: ignore[no-any-return, no-untyped-call]


class _Blocks(torch.autograd.Function):
    """Saves what every hidden layer gives before its GELU."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, layers: int, *parameters: Tensor) -> Tensor:
        weights, biases = parameters[:layers], parameters[layers:]
        tables, _, pixels = values.shape
        out = torch.empty(tables, weights[-1].shape[1], pixels)
        hidden, blocks = weights[-1].shape[2], -(-pixels // BLOCK)
        linear = torch.empty(tables, blocks, hidden, BLOCK, dtype=weights[-1].dtype)

        def work(_: int, t: int, block: slice) -> None:
            rows = _forward(
                values[t, :, block], [w[t] for w in weights], [b[t] for b in biases],
                _of_block(linear[t], block),
            )  # fmt: skip
            out[t, :, block] = rows

        _share_out(work, tables, pixels)
        ctx.layers = layers
        ctx.save_for_backward(values, linear, *parameters)
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        values, linear, *parameters = ctx.saved_tensors
        weights = parameters[: ctx.layers]
        tables, _, pixels = values.shape
        value_gradient = torch.empty_like(values)
        sums = [
            [torch.zeros_like(p, dtype=torch.float32) for p in parameters]
            for _ in range(_workers())
        ]

        def work(worker: int, t: int, block: slice) -> None:
            sums_of_table = [total[t] for total in sums[worker]]
            value_gradient[t, :, block] = _backward(
                values[t, :, block], [w[t] for w in weights], _of_block(linear[t], block),
                gradients[0][t, :, block], sums_of_table[: ctx.layers],
                sums_of_table[ctx.layers :],
            )  # fmt: skip

        _share_out(work, tables, pixels)
        of_parameters = zip(zip(*sums, strict=True), parameters, strict=True)
        totals = [torch.stack(parts).sum(0).to(p.dtype) for parts, p in of_parameters]
        return value_gradient, None, *totals


def _of_block(kept: Tensor, block: slice) -> Tensor:
    """What (blocks, hidden, BLOCK) memory holds of one block; the last block may be shorter."""
    whole = kept[block.start // BLOCK]
    count = block.stop - block.start
    return whole.view(-1)[: count * len(whole)].view(len(whole), count)


def _forward(values: Tensor, weights: list[Tensor], biases: list[Tensor], linear: Tensor) -> Tensor:
    """All layers on one block; ``linear`` receives what the hidden ones give before their GELU."""
    width = len(weights[0])
    features = torch.empty_like(linear)
    linear[:width] = torch.addmm(biases[0], weights[0], values)
    gelu(linear[:width], out=features[:width])
    for layer in range(1, len(weights) - 1):
        here = slice(layer * width, (layer + 1) * width)
        read = features[: layer * width]
        torch.addmm(biases[layer], weights[layer], read, out=linear[here])
        gelu(linear[here], out=features[here])
    return torch.addmm(biases[-1], weights[-1], features).float()


def _backward(
    values: Tensor,
    weights: list[Tensor],
    linear: Tensor,
    arriving: Tensor,
    weight_sums: list[Tensor],
    bias_sums: list[Tensor],
) -> Tensor:
    """Gradient of one block's values; those of the parameters are added to the sums."""
    width = len(weights[0])
    features = functional.gelu(linear)
    made = arriving.to(linear.dtype)
    weight_sums[-1] += made @ features.T
    bias_sums[-1] += made.sum(1, keepdim=True, dtype=torch.float32)
    gradient = weights[-1].T @ made
    for layer in range(len(weights) - 2, 0, -1):
        here = slice(layer * width, (layer + 1) * width)
        made = gelu_backward(gradient[here], linear[here], grad_input=gradient[here])
        weight_sums[layer] += made @ features[: layer * width].T
        bias_sums[layer] += made.sum(1, keepdim=True, dtype=torch.float32)
        gradient[: layer * width].addmm_(weights[layer].T, made)
    made = gelu_backward(gradient[:width], linear[:width], grad_input=gradient[:width]).float()
    weight_sums[0] += made @ values.T
    bias_sums[0] += made.sum(1, keepdim=True)
    value_gradient: Tensor = weights[0].T @ made
    return value_gradient


gelu = torch.ops.aten.gelu.out
gelu_backward = torch.ops.aten.gelu_backward.grad_input


@cache
def _pool(workers: int, process: int) -> ThreadPoolExecutor:
    """One pool a process: threads do not survive a fork."""
    return ThreadPoolExecutor(workers)


def _workers() -> int:
    return torch.get_num_threads()


def _share_out(work: Callable[[int, int, slice], None], tables: int, pixels: int) -> None:
    """Run ``work(worker, table, block)`` for every block, each thread on a share of its own.

    Shares depend on the thread count alone, so the same count gives the same sums, bit for bit.
    """
    workers = _workers()
    starts = range(0, pixels, BLOCK)
    jobs = list(itertools.product(range(tables), starts))

    @torch.no_grad()  # whether gradients are recorded is a setting of each thread
    def share(worker: int) -> None:
        for t, start in jobs[worker::workers]:
            work(worker, t, slice(start, min(start + BLOCK, pixels)))

    if workers == 1:
        share(0)
        return
    # Inside a share torch must not split its small products among threads again.
    torch.set_num_threads(1)
    try:
        list(_pool(workers, os.getpid()).map(share, range(workers)))
    finally:
        torch.set_num_threads(workers)
