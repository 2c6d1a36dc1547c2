"""Time and peak memory of enlarging a file that is larger than memory should be.

Makes an uncompressed uint16 TIFF of noise, or an OME-Zarr, and enlarges it as ``napari-autolut
upscale`` does. The process's peak is compared with that after a small file, which loads everything.

    python benchmarks/memory.py --side 20000 --model natural-x2 --json memory.json
    python benchmarks/memory.py --zarr --side 20000 --model natural-x2
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import tifffile

from napari_autolut.batch.files import upscaling
from napari_autolut.model import LutModel
from napari_autolut.storage import load_model
from napari_autolut.util.memmap import release


def peak_bytes() -> int:
    """Most memory that this process has had, with the pages of mapped files it was using."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage() would also count the process that started this one
        (line,) = (ln for ln in status.read_text().splitlines() if ln.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def make_input(path: Path, side: int, tile: int | None) -> None:
    """Noise on a slope, in one piece, or compressed in tiles, which cannot be mapped."""
    random, shape = np.random.default_rng(0), (side, side)

    def noise(rows: int, columns: int) -> np.ndarray:
        slope = np.linspace(0, 60000, columns)
        return (slope + random.integers(0, 500, (rows, columns))).astype(np.uint16)

    if tile:
        tiles = (noise(tile, tile) for _ in range((-(-side // tile)) ** 2))
        tifffile.imwrite(path, tiles, shape=shape, dtype=np.uint16, tile=(tile, tile),
                         compression="zlib", maxworkers=1)  # fmt: skip
        return
    pixels = tifffile.memmap(path, shape=shape, dtype=np.uint16)
    for top in range(0, side, 256):
        rows = pixels[top : top + 256]
        rows[:] = noise(*rows.shape)
        release(pixels)


def make_zarr(path: Path, side: int) -> None:
    """The same noise as OME-Zarr, written a region at a time."""
    from napari_autolut.io import ImageFile
    from napari_autolut.io.zarr.result import ZarrResult

    random, pixels = np.random.default_rng(0), np.broadcast_to(np.uint16(0), (side, side))
    image = ImageFile(pixels, "YX", {"Y": 0.5, "X": 0.5}, "µm")
    with ZarrResult(path, image, {"benchmark": side}) as result:
        for region in result.plan.regions(0):
            rows, columns = (np.arange(part.start, part.stop) for part in region)
            noise = random.integers(0, 500, (len(rows), len(columns)))
            result.write(region, (columns * 60000 // side + noise).astype(np.uint16))
        for _ in result.coarser_levels():
            pass


def bytes_of(path: Path) -> int:
    """Size of a file, or of all files in a folder."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(file.stat().st_size for file in files)


def upscale(source: Path, out: Path, model: LutModel) -> None:
    """Enlarge one file, with a line of progress on stderr now and then."""
    shown = 0
    for done, total in upscaling.upscale_file_steps(source, out, model):
        if done * 10 // total > shown:
            shown = done * 10 // total
            print(f"{source.name}: {done} of {total} tiles", file=sys.stderr)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=20_000, help="pixels a side of the input")
    parser.add_argument("--model", default="natural-x2")
    parser.add_argument("--zarr", action="store_true", help="OME-Zarr in and out, not TIFF")
    parser.add_argument("--tile", type=int, help="compress the input in tiles of this side")
    parser.add_argument("--large", type=int, help="write results above so many bytes in tiles")
    parser.add_argument("--folder", type=Path, help="where there is room; by default temporary")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.large is not None:
        upscaling.LARGE = options.large
    model = load_model(options.model)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        kind = "zarr" if options.zarr else "tif"
        small, source, out = (Path(name, f"{stem}.{kind}") for stem in ("small", "in", "out"))
        for path, side in ((small, 64), (source, options.side)):
            if options.zarr:
                make_zarr(path, side)
            else:
                make_input(path, side, options.tile if path == source else None)
        upscale(small, out.with_stem("small-out"), model)
        before, start = peak_bytes(), time.perf_counter()
        upscale(source, out, model)
        result = {
            "side": options.side,
            "scale": model.scale,
            "seconds": time.perf_counter() - start,
            "output_bytes": bytes_of(out),
            "peak_bytes": peak_bytes(),
            "peak_before_bytes": before,
        }
    print(
        f"{options.side} x {options.side} uint16 at x{model.scale} with {model.name}: "
        f"{result['seconds']:.0f} s, {result['output_bytes'] / 1e6:.0f} MB written, "
        f"peak {result['peak_bytes'] / 1e6:.0f} MB ({before / 1e6:.0f} MB before)"
    )
    if options.json:
        options.json.write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
