"""Tables beside plain networks of their quality, on the same core and in one run.

    python benchmarks/networks.py [--readme] [--rounds N] [--size H W] [--out FOLDER]

Grey and RGB, x2 and x4, one thread and two. Everything of a setting is run in turns, round by
round, so that a machine whose speed drifts slows all; times are medians, ratios medians within
rounds. On one thread it is the processor's time, on two that of the wall. Tables are run as users
do: uint8 comes in and goes out. Of networks inference alone is timed, float32 in and out, by
OpenVINO. Run it with nothing beside it. Needs the extra "bench".
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any, NamedTuple

import network_plot
import numpy as np
import pages
from plain_networks import NETWORKS, as_onnx, in_onnxruntime, in_openvino
from timing import Work, machine, seconds
from workloads import HEIGHT, WIDTH, enlarged, photograph

from napari_autolut import list_models, load_model
from napari_autolut.arrays.luma import Colour

SCALES = (4, 2)
THREADS = (1, 2)
MODES = ("RGB", "grey")
YARDSTICK = "ETDS-M6C32"
"""The network that ratios are of."""

OTHER_RUNTIME = "ETDS-M6C32, onnxruntime"
OUT = Path(__file__).with_name("results")


LUMA = {"natural-x4": 31.28, "natural-x4-fast": 31.16, "natural-x4-light": 31.02,
        "natural-x2": 37.36, "natural-x2-light": 37.09}  # fmt: skip
"""PSNR-Y on Set5 of tables that RGB goes through as luma (docs/howto/colour.md)."""


class Peer(NamedTuple):
    """A table or a network at one scale; of tables, how colours go through them."""

    name: str
    set5: float
    set14: float | None
    table: str = ""
    colour: Colour = "channels"


class Times(NamedTuple):
    """Medians: milliseconds, and how many times those of the yardstick."""

    milliseconds: float
    ratio: float


def peers(scale: int) -> list[Peer]:
    """Shipped tables whose cards have the figures, and networks; the best first."""
    found = [
        Peer(network.name, *network.quality[scale])
        for network in NETWORKS
        if scale in network.quality
    ]
    for entry in list_models():
        model = load_model(entry.path)
        figures = model.card.benchmark
        if entry.origin == "shipped" and model.scale == scale and "Set5" in figures:
            set5, set14 = (figures[name]["psnr_y"] for name in ("Set5", "Set14"))
            found.append(Peer(entry.name, set5, set14, entry.name))
            if entry.name in LUMA:
                name = f"{entry.name} (luma)"
                found.append(Peer(name, LUMA[entry.name], None, entry.name, "luma"))
    return sorted(found, key=lambda peer: -peer.set5)


def works(scale: int, mode: str, threads: int, size: tuple[int, int]) -> dict[str, Work]:
    """Everything that is compared in one setting."""
    image = photograph(*size)
    image = image if mode == "RGB" else image[..., :1]
    planes = np.ascontiguousarray(image.transpose(2, 0, 1)[None].astype(np.float32))
    made = {
        peer.name: enlarged(np.squeeze(image), load_model(peer.table), threads, peer.colour)
        for peer in peers(scale)
        if peer.table and (mode == "RGB" or peer.colour == "channels")
    }
    for network in NETWORKS:
        if scale in network.quality:
            content = as_onnx(network, scale, planes.shape[1])
            made[network.name] = in_openvino(content, planes, threads)
            if network.name == YARDSTICK:
                made[OTHER_RUNTIME] = in_onnxruntime(content, planes, threads)
    return made


def measured(compared: dict[str, Work], rounds: int, threads: int) -> dict[str, Times]:
    """Medians over rounds in which everything is run once."""
    for work in (*compared.values(), *compared.values()):
        work()
    clock = time.process_time if threads == 1 else time.perf_counter
    times = [{name: seconds(work, clock) for name, work in compared.items()} for _ in range(rounds)]
    return {
        name: Times(
            1000 * statistics.median(each[name] for each in times),
            statistics.median(each[name] / each[YARDSTICK] for each in times),
        )
        for name in compared
    }


Result = dict[int, dict[str, dict[int, dict[str, Times]]]]
"""By scale, mode, threads and name."""


def table_of(result: Result, scale: int) -> str:
    """Milliseconds of everything at one scale on one thread, and the ratio to the yardstick."""
    columns = [(mode, threads) for mode in MODES for threads in THREADS]
    header = [f"x{scale}", "Set5", "Set14"]
    header += [f"{mode}, {n} thread{'s' * (n > 1)}" for mode, n in columns]
    rows = []
    for peer in peers(scale):
        name = f"**{peer.name}**" if peer.table else peer.name
        row = [name, f"{peer.set5:.2f}", f"{peer.set14:.2f}" if peer.set14 else "-"]
        for mode, threads in columns:
            found = result[scale][mode][threads].get(peer.name)
            if found is None:
                row.append("-")
                continue
            one = f"{found.milliseconds:.1f} ms ({found.ratio:.2f})"
            row.append(one if threads == 1 else f"{found.ratio:.2f}")
        rows.append(row)
    return pages.markdown(header, rows)


def in_words(result: Result, size: tuple[int, int]) -> str:
    """What the tables do not say."""
    ratios = [
        by_name[OTHER_RUNTIME].ratio
        for by_mode in result.values()
        for by_threads in by_mode.values()
        for by_name in by_threads.values()
    ]
    height, width = size
    ahead = "; ".join(unbeaten(result, scale, mode) for scale in SCALES for mode in MODES)
    return (
        f"Milliseconds for {width} x {height} on {machine()}; in brackets, and for two threads, "
        f"the ratio to {YARDSTICK}. Networks run in OpenVINO; onnxruntime takes {min(ratios):.1f} "
        f"to {max(ratios):.1f} times as long. PSNR-Y in dB is of RGB images. On grey ones a table "
        "has 0.10 to 0.14 dB less on Set5; networks were not measured there. Networks learned from "
        "2,800 Mpx (DIV2K), our tables from 208, those of the papers from 37. On one thread no "
        f"network is both better and faster than these tables: {ahead}."
    )


def unbeaten(result: Result, scale: int, mode: str) -> str:
    """Tables that no network beats in quality and time together, on one thread."""
    times = result[scale][mode][1]

    def is_beaten(table: Peer) -> bool:
        limit = times[table.name].milliseconds
        return any(
            network.set5 >= table.set5 and times[network.name].milliseconds <= limit
            for network in peers(scale)
            if not network.table
        )

    tables = [peer for peer in peers(scale) if peer.table and peer.name in times]
    found = [peer.name for peer in tables if not is_beaten(peer)]
    return f"{', '.join(found) or 'none'} (x{scale}, {mode})"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readme", action="store_true", help="put tables and plot into the pages")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--size", type=int, nargs=2, default=(HEIGHT, WIDTH))
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    size = tuple(options.size)
    result: Result = {
        scale: {
            mode: {n: measured(works(scale, mode, n, size), options.rounds, n) for n in THREADS}
            for mode in MODES
        }
        for scale in SCALES
    }
    tables = [table_of(result, scale) for scale in SCALES]
    text = "\n\n".join([*tables, in_words(result, size)])
    print(text)
    options.out.mkdir(exist_ok=True)
    told: dict[str, Any] = {"machine": machine(), "size": size, "times": result}
    (options.out / "networks.json").write_text(json.dumps(told, indent=2) + "\n")
    network_plot.draw(text, options.out / "networks.png")
    if options.readme:
        pages.put("networks", text)
        network_plot.draw(text, network_plot.PLOT)


if __name__ == "__main__":
    main()
