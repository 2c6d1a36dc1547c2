"""The model in torch operations: for CUDA cards, and on the CPU to be tested.

Belongs here: the reference engine's steps on tensors, and the choice of Triton's kernels where they
serve the model; those give the fast engine's values. Torch's own operations sum in an order that
torch chooses. Differences of a thousandth of a level are seen in a pixel of a million, and rounding
at exact ties may go the other way.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from napari_autolut.engine import Plane, Planes, Sink
from napari_autolut.engine.torch import cascade
from napari_autolut.engine.torch.nodes import fused_nodes, padded_index
from napari_autolut.engine.torch.noise_floor import without_changes_below
from napari_autolut.engine.torch.transfers import to_device, to_numpy
from napari_autolut.engine.torch.triton_lookup import runs_on
from napari_autolut.model import (
    AnyBranch,
    AnyTable,
    ChannelNode,
    DualTable,
    LutModel,
    Padding,
    SpatialNode,
    Table,
)
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS, TAPS, phases


def has_card() -> bool:
    """Whether there is a CUDA card. Elsewhere the fast engine is the better choice."""
    return torch.cuda.is_available()


def _device() -> torch.device:
    return torch.device("cuda" if has_card() else "cpu")


def upscale_plane(model: LutModel, plane: Plane, *, device: torch.device | None = None) -> Plane:
    """Run a model on one plane.

    Parameters
    ----------
    model : LutModel
        The look-ups to do.
    plane : ndarray of float32, shape (H, W)
        Values in [0, 255], H and W at least 1.
    device : torch.device, optional
        Where to compute; by default the card, and the CPU where there is none.

    Returns
    -------
    ndarray of float32, shape (H * r, W * r)
        Values in [0, 255].
    """
    return to_numpy(upscale_tensor(model, to_device(plane, device or _device())))


def upscale_rows(
    model: LutModel, planes: Planes, sink: Sink, *, device: torch.device | None = None
) -> None:
    """:func:`upscale_plane` of (N, H, W) planes into a sink, which gets all rows at once."""
    values = to_device(planes, device or _device())
    sink(0, to_numpy(torch.stack([upscale_tensor(model, plane) for plane in values])))


@torch.no_grad()
# Grey levels must not be rounded to the ten bits of TF32.
@torch.backends.cudnn.flags(enabled=True, allow_tf32=False)
def upscale_tensor(model: LutModel, plane: Tensor) -> Tensor:
    """:func:`upscale_plane` on a float32 tensor, on the tensor's own device."""
    if runs_on(plane.device) and cascade.serves(model):
        from napari_autolut.engine.torch.cuda_graphs import upscale_on_card

        return upscale_on_card(model, plane)
    signals = [plane[None]]
    for node, whole in zip(model.nodes, fused_nodes(model, plane.device), strict=True):
        if whole is not None:
            planes = whole.run(signals, model.padding)
        elif isinstance(node, ChannelNode):
            inputs = torch.stack([signals[s.node][s.channel] for s in node.signals])
            planes = look_up(node.table, inputs).movedim(-1, 0) + node.bias
        else:
            planes = _sum_over_rotations(node, signals, model) / node.divisor + node.bias
        clipped = planes.clamp(0, 255)
        signals.append(clipped if model.rounding == "none" else clipped.round())
    result = _cored(signals[-1][0], plane, model)
    if model.noise_floor:
        result = without_changes_below(result, _padded(plane, 1, model), model.noise_floor)
    return result


def _padded(plane: Tensor, amount: int, model: LutModel) -> Tensor:
    """A plane with more pixels on each side."""
    rows, columns = (
        padded_index(n, (amount,) * 2, model.padding, plane.device) for n in plane.shape
    )
    return plane[rows][:, columns]


def _cored(result: Tensor, plane: Tensor, model: LutModel) -> Tensor:
    """:func:`napari_autolut.engine.coring.cored` on tensors."""
    if not model.coring:
        return result
    padded = _padded(plane, BICUBIC_RADIUS, model)
    wide = _enlarged(padded.T, model.scale).T
    base = _enlarged(wide, model.scale).clamp(0, 255)
    difference = result - base
    threshold = model.coring**2
    return base + difference * (1 - threshold / difference.square().clamp(min=threshold))


def _enlarged(padded: Tensor, scale: int) -> Tensor:
    """Rows of a plane with two more on either side, interpolated to r times as many."""
    count = len(padded) - 2 * BICUBIC_RADIUS
    windows = padded.unfold(0, TAPS, 1)
    made = torch.empty((count, scale, padded.shape[1]), device=padded.device)
    for phase, (offset, weights) in enumerate(zip(*phases(scale), strict=True)):
        taps = torch.from_numpy(weights).to(padded.device)
        made[:, phase] = windows[BICUBIC_RADIUS + offset :][:count] @ taps
    return made.reshape(count * scale, -1)


def _sum_over_rotations(node: SpatialNode, signals: list[Tensor], model: LutModel) -> Tensor:
    """(channels, H * r, W * r), with the model's rule of rounding the running sum."""
    rounds = model.rounding in ("running", "branch")
    done = running = torch.zeros((), device=signals[0].device)
    for branch in node.branches:
        if model.rounding == "branch":
            done, running = done + running, torch.zeros_like(running)
        for rotation in range(node.rotations):
            running = running + _rotated_look_up(node, branch, rotation, signals, model.padding)
            running = running.round() if rounds else running
    return done + running


def _rotated_look_up(
    node: SpatialNode,
    branch: AnyBranch,
    rotation: int,
    signals: list[Tensor],
    padding: Padding,
) -> Tensor:
    """One branch on rotated planes, shuffled and rotated back."""
    rotated = [torch.rot90(signals[s.node][s.channel], rotation) for s in branch.sources]
    samples = (_sampled(p, branch.weights[:, s], node, padding) for s, p in enumerate(rotated))
    inputs = torch.stack(list(samples)).sum(0).clamp(0, 255)
    rows = look_up(branch.table, inputs).movedim(-1, 0)
    shuffled = functional.pixel_shuffle(rows, node.upscale) if node.upscale > 1 else rows
    return torch.rot90(shuffled, -rotation, (1, 2))


def _sampled(
    plane: Tensor, windows: NDArray[np.float32], node: SpatialNode, padding: Padding
) -> Tensor:
    """(inputs, H, W): weighted sums over windows at or around each pixel."""
    border = node.border(windows.shape[-1])
    rows, columns = (padded_index(side, border, padding, plane.device) for side in plane.shape)
    padded = plane[rows][:, columns]
    kernel = torch.from_numpy(np.ascontiguousarray(windows)).to(plane.device)
    return functional.conv2d(padded[None, None], kernel[:, None])[0]


def look_up(table: AnyTable, inputs: Tensor) -> Tensor:
    """(H, W, columns) rows interpolated over a simplex at (inputs, H, W) values in [0, 255]."""
    if isinstance(table, DualTable):
        near = ((inputs - inputs[:1]).abs() <= table.reach).all(0)
        return torch.where(near[..., None], look_up(table.near, inputs), look_up(table.far, inputs))
    return _interpolate(table, inputs)


def _interpolate(table: Table, inputs: Tensor) -> Tensor:
    """Walk from the base node to the opposite one, the largest fraction first."""
    size, count = table.grid_size, len(inputs)
    values = torch.from_numpy(table.values).to(inputs.device)
    position = inputs * ((size - 1) / 256)
    base = position.floor().clamp(0, size - 2)
    descending, order = (position - base).sort(0, descending=True)
    strides = torch.tensor([size**j for j in range(count)][::-1], device=inputs.device)
    row = (base.long() * strides[:, None, None]).sum(0)
    bounds = [torch.ones_like(row, dtype=torch.float32), *descending, torch.zeros_like(inputs[0])]
    total = torch.zeros((), device=inputs.device)
    for step, (upper, lower) in enumerate(pairwise(bounds)):
        if step:
            row = row + strides[order[step - 1]]
        total = total + ((upper - lower) * table.scale)[..., None] * values[row].float()
    return total
