"""Planes from numpy to a device and back.

Belongs here: page-locked memory, from and to which a card copies several times as fast.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float32]

MAX_LOCKED = 1 << 28
"""Bytes of a result above which memory is not locked, since others need it, too."""


def to_device(planes: Floats, device: torch.device) -> Tensor:
    """Planes as float32 on a device."""
    return torch.from_numpy(np.ascontiguousarray(planes, np.float32)).to(device)


def to_numpy(values: Tensor) -> Floats:
    """Values of a device as an array of their own.

    Its memory is page-locked where a card writes it, and goes back to torch with the array, for the
    next one of its size.
    """
    if values.device.type != "cuda" or values.nbytes > MAX_LOCKED:
        return np.asarray(values.cpu().numpy())
    locked = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
    locked.copy_(values, non_blocking=True)
    torch.cuda.current_stream(values.device).synchronize()
    return np.asarray(locked.numpy())
