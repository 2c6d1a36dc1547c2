"""Which look-up runs on a device.

Belongs here: the choice between Triton's kernels and torch's own operations.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from napari_autolut.engine.torch import gathers, triton_lookup


def device_look_up(device: torch.device, inputs: int) -> Callable[..., Tensor]:
    """:func:`look_up` on a device, of any number of pixels: Triton's where it runs."""
    fused = inputs in triton_lookup.INPUTS and triton_lookup.runs_on(device)
    return triton_lookup.look_up if fused else gathers.look_up
