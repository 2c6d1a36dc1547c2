"""The Wiener filter of blocks, compiled.

Belongs here: the inner loop of ``wiener.py``, which has the same sums in plain numpy.
"""

from __future__ import annotations

from typing import Any

from napari_autolut.compilation.kernels import borrowing_kernel


@borrowing_kernel
def weigh(weights: Any, rows: Any, order: Any, out: Any, order_out: Any) -> None:
    """Write weighted sums of eight of 16 rows; see ``wiener._weigh``."""
    for half in range(2):
        first, step = half * order.half, order.row
        a, b = rows[first], rows[first + step]
        c, d = rows[first + 2 * step], rows[first + 3 * step]
        e, f = rows[first + 4 * step], rows[first + 5 * step]
        g, h = rows[first + 6 * step], rows[first + 7 * step]
        for number in range(8):
            k = weights[half, number]
            k0, k1, k2, k3, k4, k5, k6, k7 = k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7]
            line = out[half * order_out.half + number * order_out.row]
            for x in range(len(line)):
                total = k0 * a[x] + k1 * b[x] + k2 * c[x] + k3 * d[x]
                line[x] = total + k4 * e[x] + k5 * f[x] + k6 * g[x] + k7 * h[x]
