"""The baseline: the published arrangement of the AutoLUT network, as described in the papers.

For every branch and every rotation: rotate and pad the image, unfold all K x K patches, sample each
patch to 2 x 2, run the network on every patch, fold the blocks together, rotate back. The weights
are those of the networks it is compared with, so both must give the same image.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from autolut_training.models.networks.cascade import Networks, NetworkStage
from autolut_training.models.sampling import straight_through


def upscale(networks: Networks, planes: Tensor) -> Tensor:
    """Run a cascade of networks on (N, 1, H, W) planes in [0, 255]."""
    previous: Tensor | None = None
    current = planes
    for number, stage in enumerate(networks.stages, 1):
        assert isinstance(stage, NetworkStage)
        blocks = []
        for branch in range(len(stage.plan.sources)):
            for rotation in range(4):
                before = None if previous is None else torch.rot90(previous, rotation, (2, 3))
                rotated = torch.rot90(current, rotation, (2, 3))
                block = branch_on_patches(stage, branch, rotated, before)
                blocks.append(straight_through(torch.rot90(block, -rotation, (2, 3))))
        result = sum(blocks[1:], blocks[0]) / stage.divisor + stage.bias
        if number < len(networks.stages):
            result = result.clamp(0, 255)
        previous, current = current, straight_through(result)
    return current


def branch_on_patches(
    stage: NetworkStage, branch: int, planes: Tensor, previous: Tensor | None
) -> Tensor:
    """(N, 1, H * r, W * r) blocks of one branch on one rotation."""
    count, _, height, width = planes.shape
    sampled = sample_patches(stage, branch, planes)
    if previous is not None:
        keep = stage.residuals[branch].view(2, 2)
        sampled = keep * sample_patches(stage, branch, previous) + (1 - keep) * sampled
    features = functional.gelu(convolve(stage, branch, 0, sampled / 255, size=2))
    for layer in range(1, len(stage.dense.weights) - 1):
        made = functional.gelu(convolve(stage, branch, layer, features))
        features = torch.cat([features, made], 1)
    last = len(stage.dense.weights) - 1
    rows = 127 * torch.tanh(convolve(stage, branch, last, features))
    r = stage.plan.upscale
    blocks = functional.pixel_shuffle(rows, r).reshape(count, height * width, r * r)
    return functional.fold(blocks.transpose(1, 2), (height * r, width * r), kernel_size=r, stride=r)


def sample_patches(stage: NetworkStage, branch: int, planes: Tensor) -> Tensor:
    """(N * H * W, 1, 2, 2): every K x K patch, sampled."""
    size = stage.window
    padded = functional.pad(planes, (0, size - 1, 0, size - 1), mode="replicate")
    patches = functional.unfold(padded, size).transpose(1, 2).reshape(-1, 1, size, size)
    return functional.pixel_shuffle(functional.conv2d(patches, stage.windows[branch][:, None]), 2)


def convolve(stage: NetworkStage, branch: int, layer: int, values: Tensor, size: int = 1) -> Tensor:
    """A layer of the network as a convolution."""
    weight = stage.dense.weights[layer][branch]
    kernel = weight.view(len(weight), -1, size, size)
    return functional.conv2d(values, kernel, stage.dense.biases[layer][branch, :, 0])
