"""AutoSample's softmax with the bits that PyTorch gives on a processor with 16-lane vectors.

Belongs here: that function, for published samplers; our own windows are stored, not logits.

Why the last bit matters: where an image is flat, every sampled value is that value times the sum
of the weights. The published tables are looked up at multiples of 1/16 there, so the outputs are
often exactly half-way between two integers. The rounding that follows then goes the way of the
sum's last bit. A softmax in double precision, "more exact", rounds whole areas the other way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LANES = 16
"""float32 values in a vector; rows that do not fill one are summed one by one."""

_SMALLEST = np.float32(-200)
"""Its exp is 0 in float32; much less would not fit the integers of the exponent."""

_LOG2_E = np.float32(1.4426950408889634)
_LN_2_HIGH, _LN_2_LOW = np.float32(0.693145751953125), np.float32(1.428606765330187e-06)
_COEFFICIENTS = (
    1.98527617612853646e-4,
    1.39304355252534151e-3,
    8.33336077630519867e-3,
    4.16664853692054749e-2,
    1.66666671633720398e-1,
    0.5,
)
"""exp(s) = 1 + s + s * s * (polynomial in s), highest power first (SLEEF's ``expf``)."""


def softmax(logits: Floats) -> Floats:
    """Softmax along the last axis of (rows, values) float32."""
    powers = _exp(np.maximum(logits - logits.max(1, keepdims=True), _SMALLEST))
    total = _sum_lanes(powers) if logits.shape[1] >= LANES else np.cumsum(powers, 1)[:, -1]
    return powers * (np.float32(1) / total)[:, None]


def _exp(values: Floats) -> Floats:
    """Power of two times a polynomial, in float32 with fused steps."""
    twos = np.rint(values * _LOG2_E)
    rest = _fused(twos, -_LN_2_LOW, _fused(twos, -_LN_2_HIGH, values))
    tail = np.full_like(values, _COEFFICIENTS[0])
    for coefficient in _COEFFICIENTS[1:]:
        tail = _fused(tail, rest, np.float32(coefficient))
    fraction = np.float32(1) + _fused(rest * rest, tail, rest)
    return np.asarray(np.ldexp(fraction, twos.astype(np.int32)), np.float32)


def _fused(a: Any, b: Any, c: Any) -> Floats:
    """``a * b + c`` rounded once; the product is exact in double precision."""
    return np.asarray(np.multiply(a, b, dtype=np.float64) + c, np.float32)


def _sum_lanes(values: Floats) -> Floats:
    """Row sums: vectors added lane by lane, then the halves of the result to each other."""
    rows, columns = values.shape
    vectors = np.zeros((rows, -(-columns // LANES) * LANES), np.float32)
    vectors[:, :columns] = values
    lanes = np.cumsum(vectors.reshape(rows, -1, LANES), axis=1)[:, -1]
    while lanes.shape[1] > 1:
        half = lanes.shape[1] // 2
        lanes = lanes[:, :half] + lanes[:, half:]
    return lanes[:, 0]
