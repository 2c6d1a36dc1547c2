"""The torch engine on a card: milliseconds a call, and how far it is from the fast engine.

    PYTHONPATH=src:training python benchmarks/torch_engine.py [--models NAME ...] [--tune]

One plane of 640 x 360, an image that is on the card (CUDA events) and one that comes from numpy and
goes back (the wall's clock); medians of 100 calls after a warm-up. ``--tune`` tries how kernels may
share out the pixels. Tables are read from the checkout, so that nothing needs to be installed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from napari_autolut import load_model
from napari_autolut.engine import plane_engine
from napari_autolut.engine.torch.cascade import Cascade, Launch, serves
from napari_autolut.engine.torch.upscaling import upscale_plane, upscale_tensor

MODELS = ("natural-x4", "natural-x4-light", "natural-x2")
LUTS = Path(__file__).parents[1] / "luts"
HEIGHT, WIDTH = 360, 640
REPEATS, WARM_UP = 100, 10
LAUNCHES = [
    Launch(block, warps) for block in (128, 256, 512, 1024) for warps in (2, 4, 8)
    if block >= 32 * warps
]  # fmt: skip


def photograph() -> np.ndarray:
    """(360, 640) float32 in [0, 255]: an image that is smooth in places, with edges and noise."""
    from skimage.data import astronaut

    grey = np.tile(astronaut().mean(-1), (1, 2))[:HEIGHT, :WIDTH]
    return np.ascontiguousarray(np.rint(grey), np.float32)


def on_card(work: Callable[[], object]) -> tuple[float, float]:
    """Median and best milliseconds of a call, by the card's own clock."""
    for _ in range(WARM_UP):
        work()
    torch.cuda.synchronize()
    times = []
    for _ in range(REPEATS):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
        start.record()
        work()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end))
    return statistics.median(times), min(times)


def on_wall(work: Callable[[], object]) -> float:
    """Median milliseconds of a call that ends when its result is there."""
    for _ in range(WARM_UP):
        work()
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


def difference(found: np.ndarray, expected: np.ndarray) -> str:
    """The largest, and how many are above a thousandth of a level."""
    apart = np.abs(found - expected)
    return f"largest difference {apart.max():.1e}, above 1e-3: {(apart > 1e-3).sum()}"


def tune(name: str, plane: torch.Tensor) -> None:
    """Milliseconds of each way to share out the pixels, without a CUDA graph."""
    model = load_model(LUTS / f"{name}.safetensors")
    if not serves(model):
        return
    for launch in LAUNCHES:
        whole = Cascade(model, plane.device, launch)
        buffers = whole.buffers((HEIGHT, WIDTH), plane.device)
        median, best = on_card(partial(whole.run, plane, buffers))
        print(f"  {launch}: {median:.3f} ms, best {best:.3f}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--tune", action="store_true")
    options = parser.parse_args()
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    image = photograph()
    plane = torch.from_numpy(image).cuda()
    for name in options.models:
        model = load_model(LUTS / f"{name}.safetensors")
        expected = plane_engine("fast")(model, image)
        median, best = on_card(partial(upscale_tensor, model, plane))
        copied = on_wall(partial(upscale_plane, model, image))
        found = upscale_tensor(model, plane).cpu().numpy()
        print(
            f"{name:20} {median:.3f} ms on the card (best {best:.3f}), from and to numpy "
            f"{copied:.2f} ms; {difference(found, expected)}",
            flush=True,
        )
        if options.tune:
            tune(name, plane)


if __name__ == "__main__":
    main()
