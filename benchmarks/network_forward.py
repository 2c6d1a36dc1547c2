"""How much faster the networks train here than in the published arrangement.

    python benchmarks/network_forward.py [--json FILE] [--device cuda] [--threads N]

Both run the AutoLUT-MuLUT x4 network (2 stages, 3 branches, K = 5, 64 features) with the same
weights on the same crops, and are checked to give the same image. A step is forward and backward.
They are measured in turn in one run, so that a machine whose speed drifts slows both; the ratio is
the median of such pairs. Without a card the sizes are small: only the ratio counts.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import published_network
import torch
from torch import Tensor
from torch.nn import functional

from autolut_training.models.networks import Networks
from autolut_training.settings.architecture import Architecture

SCALE = 4


def networks(features: int) -> Networks:
    """The paper's network with AdaRL weights that count."""
    made = Networks(Architecture(SCALE, (1, 1), branches=3), 17, features)
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if name.endswith("residuals"):
                parameter.fill_(0.3)
    return made


def seconds(step: Callable[[], Tensor], model: Networks, target: Tensor) -> float:
    """Wall time of forward and backward."""
    model.zero_grad()
    start = time.perf_counter()
    torch.autograd.backward(functional.mse_loss(step(), target))
    if target.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - start


def share_of_equal_pixels(one: Tensor, other: Tensor) -> float:
    """Part of the pixels that are equal; a sum in another order may round the other way."""
    return float((one == other).float().mean())


def measure(model: Networks, planes: Tensor, target: Tensor, repeats: int) -> dict[str, float]:
    """Steps per second in both precisions and as published, and how they compare."""
    ours = partial(model, planes)
    published = partial(published_network.upscale, model, planes)
    with torch.no_grad():
        equal = share_of_equal_pixels(ours(), published())
    if equal < 0.99:
        raise SystemExit(f"only {equal:.1%} of the pixels are equal: not the same network")
    rounds: list[tuple[float, ...]] = []
    for _ in range(repeats + 1):
        times = []
        for reduced in (False, True):
            model.compute(reduced=reduced)
            times.append(seconds(ours, model, target))
        rounds.append((*times, seconds(published, model, target)))
    rounds = rounds[1:]  # the first one compiles and warms up

    def middle(values: Iterable[float]) -> float:
        return round(statistics.median(values), 3)

    return {
        "steps_per_second": middle(1 / full for full, _, _ in rounds),
        "steps_per_second_bfloat16": middle(1 / reduced for _, reduced, _ in rounds),
        "steps_per_second_published": middle(1 / base for _, _, base in rounds),
        "ratio": middle(base / full for full, _, base in rounds),
        "ratio_bfloat16": middle(base / reduced for _, reduced, base in rounds),
        "equal_pixels": round(equal, 5),
    }


def main() -> None:
    """Measure, print, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--crop", type=int, default=32)
    parser.add_argument("--features", type=int, default=64)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    # Both in full precision: a card would round what it convolves to ten bits.
    torch.backends.cudnn.allow_tf32 = False
    planes = 255 * torch.rand(options.batch, 1, options.crop, options.crop)
    target = 255 * torch.rand(options.batch, 1, options.crop * SCALE, options.crop * SCALE)
    model = networks(options.features).to(options.device)
    target = target.to(options.device)
    found = measure(model, planes.to(options.device), target, options.repeats)
    print(
        f"{options.batch} crops of {options.crop} x {options.crop}, {options.features} features, "
        f"{torch.get_num_threads()} threads on {options.device}, steps per second:\n"
        f"  published arrangement {found['steps_per_second_published']:.3g}\n"
        f"  float32               {found['steps_per_second']:.3g}, {found['ratio']:.1f} times\n"
        f"  bfloat16 layers       {found['steps_per_second_bfloat16']:.3g}, "
        f"{found['ratio_bfloat16']:.1f} times"
    )
    told = {"device": options.device, "threads": torch.get_num_threads(),
            "torch": torch.__version__, "machine": platform.machine(),
            "batch": options.batch, "crop": options.crop,
            "features": options.features}  # fmt: skip
    result = {**found, **told}
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
