"""Triton kernels of the look-up; imported only where Triton is installed (``triton_lookup.py``).

Shapes: B planes (rotations x crops), T tables, 4 inputs, P pixels, C columns; all contiguous.
"""

# Triton evaluates the annotations of its functions: ``tl.constexpr`` must be itself there, so no
# ``annotations`` import here, and other types only as text.
from typing import TYPE_CHECKING

import triton
import triton.language as tl

if TYPE_CHECKING:
    from typing import Any


@triton.jit
def _fraction(values: "Any", at: "Any", inside: "Any", cells: "Any") -> "Any":
    """Grid cell and fraction of one input."""
    position = tl.load(values + at, mask=inside, other=0.0) * (cells / 256.0)
    base = tl.minimum(tl.maximum(tl.floor(position), 0.0), cells - 1.0)
    return base.to(tl.int32), position - base


@triton.jit
def _ranks(a: "Any", b: "Any", c: "Any", d: "Any") -> "Any":
    """Places 0 to 3 of four fractions in descending order; of equal ones the first comes first."""
    ab, ac, ad = (a >= b).to(tl.int32), (a >= c).to(tl.int32), (a >= d).to(tl.int32)
    bc, bd, cd = (b >= c).to(tl.int32), (b >= d).to(tl.int32), (c >= d).to(tl.int32)
    return 3 - ab - ac - ad, 2 + ab - bc - bd, 1 + ac + bc - cd, ad + bd + cd


@triton.jit
def _pick(
    place: "Any", ra: "Any", rb: "Any", rc: "Any", rd: "Any", a: "Any", b: "Any", c: "Any", d: "Any"
) -> "Any":
    """The fraction at a place of the descending order; 1 before the first, 0 after the last."""
    of_place = (
        tl.where(ra == place, a, 0.0)
        + tl.where(rb == place, b, 0.0)
        + tl.where(rc == place, c, 0.0)
        + tl.where(rd == place, d, 0.0)
    )
    return tl.where(ra * 0 + place < 0, 1.0, of_place)


@triton.jit
def forward_kernel(
    values: "Any", tables: "Any", out: "Any", count: "Any", pixels: "Any", nodes: "Any",
    COLUMNS: tl.constexpr, WIDTH: tl.constexpr, BLOCK: tl.constexpr,
) -> None:  # fmt: skip
    """``out`` (B, P, C) = rows looked up in every table for ``values`` (B, T, 4, P), summed."""
    pixel = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    plane = tl.program_id(1).to(tl.int64)
    column = tl.arange(0, WIDTH)
    inside = pixel < pixels
    mask = inside[:, None] & (column < COLUMNS)[None, :]
    cells = nodes - 1.0
    total = tl.zeros((BLOCK, WIDTH), tl.float32)
    for t in range(count):
        at = (plane * count + t) * 4 * pixels + pixel
        node_a, a = _fraction(values, at, inside, cells)
        node_b, b = _fraction(values, at + pixels, inside, cells)
        node_c, c = _fraction(values, at + 2 * pixels, inside, cells)
        node_d, d = _fraction(values, at + 3 * pixels, inside, cells)
        ra, rb, rc, rd = _ranks(a, b, c, d)
        first = ((t * nodes + node_a) * nodes + node_b) * nodes + node_c
        first = first * nodes + node_d
        for v in tl.static_range(5):
            row = first + (ra < v) * nodes * nodes * nodes + (rb < v) * nodes * nodes
            row = row + (rc < v) * nodes + (rd < v)
            weight = _pick(v - 1, ra, rb, rc, rd, a, b, c, d) - _pick(v, ra, rb, rc, rd, a, b, c, d)
            place = row.to(tl.int64)[:, None] * COLUMNS + column[None, :]
            total += weight[:, None] * tl.load(tables + place, mask=mask, other=0.0)
    to = (plane * pixels + pixel)[:, None] * COLUMNS + column[None, :]
    tl.store(out + to, total, mask=mask)


@triton.jit
def backward_kernel(
    values: "Any", tables: "Any", gradient: "Any", table_gradient: "Any", value_gradient: "Any",
    count: "Any", pixels: "Any", nodes: "Any",
    COLUMNS: tl.constexpr, WIDTH: tl.constexpr, BLOCK: tl.constexpr,
) -> None:  # fmt: skip
    """Gradients of :func:`forward_kernel`: added to the tables', written to the values'."""
    pixel = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    plane = tl.program_id(1).to(tl.int64)
    column = tl.arange(0, WIDTH)
    inside = pixel < pixels
    mask = inside[:, None] & (column < COLUMNS)[None, :]
    cells = nodes - 1.0
    from_ = (plane * pixels + pixel)[:, None] * COLUMNS + column[None, :]
    arriving = tl.load(gradient + from_, mask=mask, other=0.0)
    for t in range(count):
        at = (plane * count + t) * 4 * pixels + pixel
        node_a, a = _fraction(values, at, inside, cells)
        node_b, b = _fraction(values, at + pixels, inside, cells)
        node_c, c = _fraction(values, at + 2 * pixels, inside, cells)
        node_d, d = _fraction(values, at + 3 * pixels, inside, cells)
        ra, rb, rc, rd = _ranks(a, b, c, d)
        first = ((t * nodes + node_a) * nodes + node_b) * nodes + node_c
        first = first * nodes + node_d
        before = tl.zeros((BLOCK,), tl.float32)
        ga, gb, gc, gd = before, before, before, before
        for v in tl.static_range(5):
            row = first + (ra < v) * nodes * nodes * nodes + (rb < v) * nodes * nodes
            row = row + (rc < v) * nodes + (rd < v)
            weight = _pick(v - 1, ra, rb, rc, rd, a, b, c, d) - _pick(v, ra, rb, rc, rd, a, b, c, d)
            place = row.to(tl.int64)[:, None] * COLUMNS + column[None, :]
            found = tl.load(tables + place, mask=mask, other=0.0)
            tl.atomic_add(table_gradient + place, weight[:, None] * arriving, mask=mask)
            here = tl.sum(found * arriving, 1)
            # The step to this vertex walked along the input at place v - 1.
            slope = (here - before) * (cells / 256.0)
            ga += tl.where(ra == v - 1, slope, 0.0)
            gb += tl.where(rb == v - 1, slope, 0.0)
            gc += tl.where(rc == v - 1, slope, 0.0)
            gd += tl.where(rd == v - 1, slope, 0.0)
            before = here
        tl.store(value_gradient + at, ga, mask=inside)
        tl.store(value_gradient + at + pixels, gb, mask=inside)
        tl.store(value_gradient + at + 2 * pixels, gc, mask=inside)
        tl.store(value_gradient + at + 3 * pixels, gd, mask=inside)
