"""Triton kernels of whole nodes; imported only where Triton is installed (``cascade.py``).

Belongs here: one kernel that samples, looks up, sums and clips for a block of pixels, and the
coring of a result. Nothing passes through the card's memory but planes.

Look-ups go in pairs, since two share the pixels that they read. Rows of a table are read as they
are stored, eight or sixteen bytes at once. Sums are made in the reference's order, and products are
fused where the reference fuses them. Filters' weights amount to hundreds: sums in another order
would differ by thousandths of a level, and tables multiply that.
"""

# Triton evaluates the annotations of its functions: ``tl.constexpr`` must be itself there, so no
# ``annotations`` import here, and other types only as text.
from typing import TYPE_CHECKING

from napari_autolut.engine.torch.triton_loading import tl, triton

if TYPE_CHECKING:
    from typing import Any


@triton.jit(do_not_specialize=["stride"])
def node_kernel(
    planes: "Any", reads: "Any", weights: "Any", tables: "Any", walks: "Any", numbers: "Any",
    rows: "Any", columns: "Any", out: "Any",
    pairs: "Any", stride: "Any", size: "Any", width: "Any", positions: "Any", channels: "Any",
    divisor: "Any", bias: "Any",
    READS: tl.constexpr, SIDE: tl.constexpr,
    MA: tl.constexpr, MB: tl.constexpr, MC: tl.constexpr, MD: tl.constexpr, ME: tl.constexpr,
    WIDTH: tl.constexpr, UPSCALE: tl.constexpr, BLOCK: tl.constexpr,
) -> None:  # fmt: skip
    """``out`` = what a node gives at some of the pixels of padded ``planes`` of ``size`` values.

    ``rows`` and ``columns`` tell which pixel stands at a position of a grid ``width`` wide, so
    that a plane's padding is computed as the pixel which it repeats. For each table, ``walks`` has
    the first row and five strides, ``numbers`` the cells of the grid over 256 and the scale.
    """
    position = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = position < positions
    y, x = position // width, position % width
    row = tl.load(rows + y, mask=inside, other=0)
    pixel = planes + row.to(tl.int64) * stride + tl.load(columns + x, mask=inside, other=0)
    column = tl.arange(0, WIDTH)
    total = tl.zeros((BLOCK, WIDTH), tl.float32)
    step: tl.constexpr = READS * 5 * SIDE * SIDE
    for pair in range(pairs):
        a, b, c, d, e, f, g, h, i, j = _sampled_pair(
            pixel, reads, weights + 2 * pair * step, weights + (2 * pair + 1) * step, inside,
            stride, size, READS, SIDE, MA, MB, MC, MD, ME,
        )  # fmt: skip
        t = 2 * pair
        total += _looked_up(a, b, c, d, e, tables, walks + 6 * t, numbers + 2 * t, column, WIDTH)
        t += 1
        total += _looked_up(f, g, h, i, j, tables, walks + 6 * t, numbers + 2 * t, column, WIDTH)
    value = tl.minimum(tl.maximum(tl.div_rn(total, divisor) + bias, 0.0), 255.0)
    block: tl.constexpr = UPSCALE * UPSCALE
    channel, line, place = column // block, column % block // UPSCALE, column % UPSCALE
    first = y.to(tl.int64) * (UPSCALE * UPSCALE) * width + x * UPSCALE
    lines = line * (UPSCALE * width) + place
    to = first[:, None] + channel.to(tl.int64)[None, :] * positions * block + lines[None, :]
    tl.store(out + to, value, mask=inside[:, None] & (channel < channels)[None, :])


@triton.jit
def _sampled_pair(
    pixel: "Any", reads: "Any", one: "Any", two: "Any", inside: "Any", stride: "Any", size: "Any",
    READS: tl.constexpr, SIDE: tl.constexpr,
    MA: tl.constexpr, MB: tl.constexpr, MC: tl.constexpr, MD: tl.constexpr, ME: tl.constexpr,
) -> "Any":  # fmt: skip
    """Five inputs of one look-up and five of the next: weighted sums of pixels.

    Bit p of the mask of an input, MA to ME, is set where any table's input has a weight at place p
    of its window.
    """
    PLACES: tl.constexpr = SIDE * SIDE
    HALO: tl.constexpr = SIDE // 2
    zero = inside.to(tl.float32) * 0.0
    a, b, c, d, e = zero, zero, zero, zero, zero
    f, g, h, i, j = zero, zero, zero, zero, zero
    for s in range(READS):
        plane = pixel + tl.load(reads + s).to(tl.int64) * size
        u = one + s * 5 * PLACES
        v = two + s * 5 * PLACES
        for p in tl.static_range(PLACES):
            if ((MA | MB | MC | MD | ME) >> p) & 1:
                tap = tl.load(plane + (p // SIDE - HALO) * stride + (p % SIDE - HALO), mask=inside,
                              other=0.0)  # fmt: skip
                if (MA >> p) & 1:
                    a = tl.fma(tl.load(u + p), tap, a)
                    f = tl.fma(tl.load(v + p), tap, f)
                if (MB >> p) & 1:
                    b = tl.fma(tl.load(u + PLACES + p), tap, b)
                    g = tl.fma(tl.load(v + PLACES + p), tap, g)
                if (MC >> p) & 1:
                    c = tl.fma(tl.load(u + 2 * PLACES + p), tap, c)
                    h = tl.fma(tl.load(v + 2 * PLACES + p), tap, h)
                if (MD >> p) & 1:
                    d = tl.fma(tl.load(u + 3 * PLACES + p), tap, d)
                    i = tl.fma(tl.load(v + 3 * PLACES + p), tap, i)
                if (ME >> p) & 1:
                    e = tl.fma(tl.load(u + 4 * PLACES + p), tap, e)
                    j = tl.fma(tl.load(v + 4 * PLACES + p), tap, j)
    return a, b, c, d, e, f, g, h, i, j


@triton.jit
def _looked_up(
    a: "Any", b: "Any", c: "Any", d: "Any", e: "Any", tables: "Any", walk: "Any", numbers: "Any",
    column: "Any", WIDTH: tl.constexpr,
) -> "Any":  # fmt: skip
    """(BLOCK, WIDTH) rows of one table, interpolated over a simplex, times its scale."""
    cells = tl.load(numbers)
    scale = tl.load(numbers + 1)
    sa, sb, sc = tl.load(walk + 1), tl.load(walk + 2), tl.load(walk + 3)
    sd, se = tl.load(walk + 4), tl.load(walk + 5)
    na, a = _cell(a, cells)
    nb, b = _cell(b, cells)
    nc, c = _cell(c, cells)
    nd, d = _cell(d, cells)
    ne, e = _cell(e, cells)
    row = tl.load(walk) + na * sa + nb * sb + nc * sc + nd * sd + ne * se
    # A sorting network: the largest fraction comes first, and its stride with it.
    a, sa, d, sd = _ordered(a, sa, d, sd)
    b, sb, e, se = _ordered(b, sb, e, se)
    a, sa, c, sc = _ordered(a, sa, c, sc)
    b, sb, d, sd = _ordered(b, sb, d, sd)
    a, sa, b, sb = _ordered(a, sa, b, sb)
    c, sc, e, se = _ordered(c, sc, e, se)
    b, sb, c, sc = _ordered(b, sb, c, sc)
    d, sd, e, se = _ordered(d, sd, e, se)
    c, sc, d, sd = _ordered(c, sc, d, sd)
    total = _vertex(row, (1.0 - a) * scale, tables, column, WIDTH)
    row += sa
    total += _vertex(row, (a - b) * scale, tables, column, WIDTH)
    row += sb
    total += _vertex(row, (b - c) * scale, tables, column, WIDTH)
    row += sc
    total += _vertex(row, (c - d) * scale, tables, column, WIDTH)
    row += sd
    total += _vertex(row, (d - e) * scale, tables, column, WIDTH)
    row += se
    return total + _vertex(row, e * scale, tables, column, WIDTH)


@triton.jit
def _cell(value: "Any", cells: "Any") -> "Any":
    """Grid cell and fraction of one input."""
    position = tl.minimum(tl.maximum(value, 0.0), 255.0) * cells
    node = position.to(tl.int32)
    return node, position - node.to(tl.float32)


@triton.jit
def _ordered(x: "Any", stride_x: "Any", y: "Any", stride_y: "Any") -> "Any":
    """The larger one first, each with its stride."""
    swaps = y > x
    return (
        tl.maximum(x, y),
        tl.where(swaps, stride_y, stride_x),
        tl.minimum(x, y),
        tl.where(swaps, stride_x, stride_y),
    )


@triton.jit
def _vertex(row: "Any", weight: "Any", tables: "Any", column: "Any", WIDTH: tl.constexpr) -> "Any":
    """A row of the table times its weight."""
    values = tl.load(tables + row[:, None] * WIDTH + column[None, :])
    return weight[:, None] * values.to(tl.float32)


@triton.jit
def coring_kernel(
    result: "Any", padded: "Any", offsets: "Any", weights: "Any",
    count: "Any", width: "Any", stride: "Any", border: "Any", threshold: "Any",
    SCALE: tl.constexpr, TAPS: tl.constexpr, BLOCK: tl.constexpr,
) -> None:  # fmt: skip
    """In ``result``, differences from bicubic interpolation of ``padded`` become smaller."""
    position = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = position < count
    y, x = position // width, position % width
    row = y // SCALE + border + tl.load(offsets + y % SCALE)
    column = x // SCALE + border + tl.load(offsets + x % SCALE)
    first = padded + row * stride + column
    base = tl.zeros((BLOCK,), tl.float32)
    for v in tl.static_range(TAPS):
        line = tl.zeros((BLOCK,), tl.float32)
        for u in tl.static_range(TAPS):
            tap = tl.load(first + v * stride + u, mask=inside, other=0.0)
            line += tap * tl.load(weights + x % SCALE * TAPS + u)
        base += line * tl.load(weights + y % SCALE * TAPS + v)
    base = tl.minimum(tl.maximum(base, 0.0), 255.0)
    difference = tl.load(result + position, mask=inside, other=0.0) - base
    kept = difference * difference > threshold
    reduced = difference - tl.div_rn(threshold, tl.where(kept, difference, 1.0))
    tl.store(result + position, base + tl.where(kept, reduced, 0.0), mask=inside)
