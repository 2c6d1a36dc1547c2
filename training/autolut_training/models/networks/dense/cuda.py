"""The dense network on a card, in whole layers, forward and backward.

Belongs here: the hidden layers as one torch operation. A card multiplies faster than it reads, so
every value is written once, to where all later layers read it. Whatever can be summed inside a
product is. Biases are weights of a channel of ones, gradients that come from several layers are one
product, and so are those of all weights.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autolut_training.models.networks.dense.cpu import gelu, gelu_backward

LEAD = 8
"""Channels before the hidden ones: one of ones, the inputs, and zeros up to where the hidden ones
are as aligned as products want them."""

PARTS = 128
"""Into how many parts the pixels are divided for the gradient of the weights. It is a sum over all
of them, and the library's product for so long a sum of so few weights leaves most of a card idle.
"""


def dense_layers(values: Tensor, weights: list[Tensor], biases: list[Tensor]) -> Tensor:
    """:func:`.cpu.dense_rows` for devices that are quicker so."""
    return _Layers.apply(values, len(weights), *weights, *biases)  # type: ignore[no-any-return, no-untyped-call]


class _Layers(torch.autograd.Function):
    """Saves what every hidden layer gives before its GELU and after it."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, layers: int, *parameters: Tensor) -> Tensor:
        weights, biases = parameters[:layers], parameters[layers:]
        tables, inputs, pixels = values.shape
        width, hidden = weights[0].shape[1], weights[-1].shape[2]
        linear, rows, features = (
            weights[-1].new_empty(tables, channels, pixels)
            for channels in (hidden, weights[-1].shape[1], LEAD + hidden)
        )
        features[:, :LEAD] = 0
        features[:, 0] = 1
        features[:, 1 : 1 + inputs] = values
        given = [*torch.split(linear, width, 1), rows]
        activated = torch.split(features[:, LEAD:], width, 1)
        given[0].copy_(torch.baddbmm(biases[0], weights[0], values))
        for layer in range(1, layers):
            # Table by table, since a card is several times quicker with what is contiguous.
            for before, after in zip(given[layer - 1], activated[layer - 1], strict=True):
                gelu(before, out=after)
            with_bias = functional.pad(weights[layer], (LEAD, 0))
            with_bias[:, :, :1] = biases[layer]
            torch.bmm(with_bias, features[:, : LEAD + layer * width], out=given[layer])
        ctx.layers = layers
        ctx.save_for_backward(values, linear, features, *parameters)
        return rows.float()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        values, linear, features, *parameters = ctx.saved_tensors
        weights = parameters[: ctx.layers]
        tables, hidden, pixels = linear.shape
        width, columns = weights[0].shape[1], weights[-1].shape[1]
        # Gradients of what every layer gives before its GELU, the last one's too.
        made = linear.new_empty(tables, hidden + columns, pixels)
        made[:, hidden:] = gradients[0]
        for layer in reversed(range(ctx.layers - 1)):
            here = slice(layer * width, (layer + 1) * width)
            readers = torch.cat([weight[:, :, here] for weight in weights[layer + 1 :]], 1)
            arriving = torch.bmm(readers.mT, made[:, here.stop :])
            for after, before, result in zip(arriving, linear[:, here], made[:, here], strict=True):
                gelu_backward(after, before, grad_input=result)
        sums = _sums_of_products(made, features)
        of_weights = [sums[:, :width, 1 : 1 + values.shape[1]]]
        of_biases = [sums[:, :width, :1]]
        for layer, weight in enumerate(weights[1:], 1):
            of_layer = sums[:, layer * width :][:, : len(weight[0])]
            of_weights.append(of_layer[:, :, LEAD : LEAD + layer * width])
            of_biases.append(of_layer[:, :, :1])
        totals = zip((*of_weights, *of_biases), parameters, strict=True)
        of_values = torch.bmm(weights[0].mT.to(made.dtype), made[:, :width])
        return of_values.float(), None, *(total.to(p.dtype) for total, p in totals)


def _sums_of_products(one: Tensor, other: Tensor) -> Tensor:
    """(T, A, B) float32 sums over the pixels of (T, A, M) and (T, B, M)."""
    parts = math.gcd(one.shape[2], PARTS)
    sums = [
        torch.bmm(_in_parts(a, parts), _in_parts(b, parts).mT).sum(0, dtype=torch.float32)
        for a, b in zip(one, other, strict=True)
    ]
    return torch.stack(sums)


def _in_parts(channels: Tensor, parts: int) -> Tensor:
    """(parts, C, M / parts) of (C, M), in place."""
    return channels.view(len(channels), parts, -1).transpose(0, 1)
