"""Triton kernels of the look-up; imported only where Triton is installed (``triton_lookup.py``).

Shapes: B planes (rotations x crops), T tables, J inputs (4 or 5), P pixels, C columns; all
contiguous. With four inputs the fifth is a fraction of 0, which comes last and leads nowhere.
"""

# Triton evaluates the annotations of its functions: ``tl.constexpr`` must be itself there, so no
# ``annotations`` import here, and other types only as text.
from typing import TYPE_CHECKING

from napari_autolut.engine.torch.triton_loading import tl, triton

if TYPE_CHECKING:
    from typing import Any


@triton.jit
def _fraction(values: "Any", at: "Any", inside: "Any", cells: "Any") -> "Any":
    """Grid cell and fraction of one input."""
    position = tl.load(values + at, mask=inside, other=0.0) * (cells / 256.0)
    base = tl.minimum(tl.maximum(tl.floor(position), 0.0), cells - 1.0)
    return base.to(tl.int32), position - base


@triton.jit
def _simplex(
    values: "Any", table: "Any", at: "Any", inside: "Any", pixels: "Any", nodes: "Any",
    INPUTS: tl.constexpr,
) -> "Any":  # fmt: skip
    """Row of the base node, and the five inputs' fractions, all of one block of pixels."""
    cells = nodes - 1.0
    node_a, a = _fraction(values, at, inside, cells)
    node_b, b = _fraction(values, at + pixels, inside, cells)
    node_c, c = _fraction(values, at + 2 * pixels, inside, cells)
    node_d, d = _fraction(values, at + 3 * pixels, inside, cells)
    row = ((table * nodes + node_a) * nodes + node_b) * nodes + node_c
    row = row * nodes + node_d
    e = d * 0
    if INPUTS == 5:
        node_e, e = _fraction(values, at + 4 * pixels, inside, cells)
        row = row * nodes + node_e
    return row, a, b, c, d, e


@triton.jit
def _ranks(a: "Any", b: "Any", c: "Any", d: "Any", e: "Any") -> "Any":
    """Places 0 to 4 of five fractions in descending order; of equal ones the first comes first."""
    ab, ac, ad = (a >= b).to(tl.int32), (a >= c).to(tl.int32), (a >= d).to(tl.int32)
    bc, bd, cd = (b >= c).to(tl.int32), (b >= d).to(tl.int32), (c >= d).to(tl.int32)
    ae, be = (a >= e).to(tl.int32), (b >= e).to(tl.int32)
    ce, de = (c >= e).to(tl.int32), (d >= e).to(tl.int32)
    return (
        4 - ab - ac - ad - ae,
        3 + ab - bc - bd - be,
        2 + ac + bc - cd - ce,
        1 + ad + bd + cd - de,
        ae + be + ce + de,
    )


@triton.jit
def _pick(
    place: "Any", ra: "Any", rb: "Any", rc: "Any", rd: "Any", re: "Any",
    a: "Any", b: "Any", c: "Any", d: "Any", e: "Any",
) -> "Any":  # fmt: skip
    """The fraction at a place of the descending order; 1 before the first, 0 after the last."""
    of_place = (
        tl.where(ra == place, a, 0.0)
        + tl.where(rb == place, b, 0.0)
        + tl.where(rc == place, c, 0.0)
        + tl.where(rd == place, d, 0.0)
        + tl.where(re == place, e, 0.0)
    )
    return tl.where(ra * 0 + place < 0, 1.0, of_place)


@triton.jit
def _vertex(
    v: "Any", row: "Any", ra: "Any", rb: "Any", rc: "Any", rd: "Any", re: "Any", nodes: "Any",
    INPUTS: tl.constexpr,
) -> "Any":  # fmt: skip
    """Row of the simplex's vertex after ``v`` steps from the base node."""
    stride = nodes * 0 + 1
    if INPUTS == 5:
        row = row + (re < v) * stride
        stride = stride * nodes
    row = row + (rd < v) * stride + (rc < v) * (stride * nodes)
    return row + (rb < v) * (stride * nodes * nodes) + (ra < v) * (stride * nodes * nodes * nodes)


@triton.jit
def forward_kernel(
    values: "Any", tables: "Any", out: "Any", count: "Any", pixels: "Any", nodes: "Any",
    INPUTS: tl.constexpr, COLUMNS: tl.constexpr, WIDTH: tl.constexpr, BLOCK: tl.constexpr,
) -> None:  # fmt: skip
    """``out`` (B, P, C) = rows looked up in every table for ``values`` (B, T, J, P), summed."""
    pixel = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    plane = tl.program_id(1).to(tl.int64)
    column = tl.arange(0, WIDTH)
    inside = pixel < pixels
    mask = inside[:, None] & (column < COLUMNS)[None, :]
    total = tl.zeros((BLOCK, WIDTH), tl.float32)
    for t in range(count):
        at = (plane * count + t) * INPUTS * pixels + pixel
        first, a, b, c, d, e = _simplex(values, t, at, inside, pixels, nodes, INPUTS)
        ra, rb, rc, rd, re = _ranks(a, b, c, d, e)
        for v in tl.static_range(INPUTS + 1):
            row = _vertex(v, first, ra, rb, rc, rd, re, nodes, INPUTS)
            upper = _pick(v - 1, ra, rb, rc, rd, re, a, b, c, d, e)
            weight = upper - _pick(v, ra, rb, rc, rd, re, a, b, c, d, e)
            place = row.to(tl.int64)[:, None] * COLUMNS + column[None, :]
            total += weight[:, None] * tl.load(tables + place, mask=mask, other=0.0)
    to = (plane * pixels + pixel)[:, None] * COLUMNS + column[None, :]
    tl.store(out + to, total, mask=mask)


@triton.jit
def backward_kernel(
    values: "Any", tables: "Any", gradient: "Any", table_gradient: "Any", value_gradient: "Any",
    count: "Any", pixels: "Any", nodes: "Any",
    INPUTS: tl.constexpr, COLUMNS: tl.constexpr, WIDTH: tl.constexpr, BLOCK: tl.constexpr,
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
        at = (plane * count + t) * INPUTS * pixels + pixel
        first, a, b, c, d, e = _simplex(values, t, at, inside, pixels, nodes, INPUTS)
        ra, rb, rc, rd, re = _ranks(a, b, c, d, e)
        before = tl.zeros((BLOCK,), tl.float32)
        ga, gb, gc, gd, ge = before, before, before, before, before
        for v in tl.static_range(INPUTS + 1):
            row = _vertex(v, first, ra, rb, rc, rd, re, nodes, INPUTS)
            upper = _pick(v - 1, ra, rb, rc, rd, re, a, b, c, d, e)
            weight = upper - _pick(v, ra, rb, rc, rd, re, a, b, c, d, e)
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
            ge += tl.where(re == v - 1, slope, 0.0)
            before = here
        tl.store(value_gradient + at, ga, mask=inside)
        tl.store(value_gradient + at + pixels, gb, mask=inside)
        tl.store(value_gradient + at + 2 * pixels, gc, mask=inside)
        tl.store(value_gradient + at + 3 * pixels, gd, mask=inside)
        if INPUTS == 5:
            tl.store(value_gradient + at + 4 * pixels, ge, mask=inside)
