"""Stands in for the trainer: tells what a real one would, and ends as the test wants.

``FAKE_TRAINER`` says what it does once it has told a step: ``wait`` for commands (``finish`` is one
more of them), or end by itself as ``done``, ``refused`` or ``crashed``; ``silent`` tells nothing,
``network`` waits with a network that learns, before there is a table; ``endless`` is done after a
line of 64 MB.
``FAKE_TABLE`` is the model file that it has "learned".
"""

import json
import os
import shutil
import sys
import tomllib
from pathlib import Path


def tell(event, **fields):
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


def start():
    tell("started", images=4, held_out=1, skipped={"bad.png": "broken"}, bicubic_psnr=30.0)


def advance(step, teacher=False):
    tell("step", step=step, progress=step / 100, loss=9.0, steps_per_second=5.0, seconds_left=60.0)
    psnr = 30.0 + step / 20
    tell("validation", step=step, psnr=psnr, bicubic_psnr=30.0, best=not teacher, teacher=teacher)


def learned(out):
    shutil.copy(os.environ["FAKE_TABLE"], out)


def checkpoint(out):
    out.with_name(f"{out.name}.checkpoint").write_text("here")


def obey(out):
    """Follow the commands until one of them ends it; gives the exit status."""
    stop_at_end = False
    for line in sys.stdin:
        match line.strip():
            case "stop at end":
                stop_at_end = True
            case "pause":
                checkpoint(out)
                tell("paused", step=20)
            case "resume":
                start()
                advance(30)
            case "stop":
                break
            case "finish":
                out.with_name(f"{out.name}.checkpoint").unlink(missing_ok=True)
                tell("done", step=100, seconds=1.0, psnr=35.0, bicubic_psnr=30.0, path=str(out))
                return 0
            case "crash":
                sys.stderr.write("Traceback: something broke\n")
                return 7
    else:
        if not stop_at_end:
            return 0
        (out.parent / "stopped at end").write_text("")
    checkpoint(out)
    tell("stopped", step=20, path=str(out))
    return 0


def main(arguments):
    request, how = tomllib.loads(Path(arguments[-1]).read_text("utf-8")), os.environ["FAKE_TRAINER"]
    out = Path(request["out"])
    (out.parent / "patience").write_text(os.environ.get("OMP_WAIT_POLICY", ""))
    if how == "silent":
        sys.stdin.read()
        return 0
    if not Path(request["images"]).is_dir():
        sys.stderr.write(f"napari-autolut: {request['images']}: no such folder\n")
        return 2
    sys.stdout.write("a library says hello\n")
    if how != "network":
        learned(out)  # before the first event, on which tests act
    start()
    advance(20, teacher=how == "network")
    if how == "crashed":
        checkpoint(out)
        sys.stderr.write("Traceback: something broke\n")
        sys.stderr.flush()
        os._exit(7)
    if how == "endless":
        for _ in range(1024):
            sys.stdout.write(2**16 * "x")
        sys.stdout.write("\n")
    if how in ("done", "endless"):
        tell("done", step=100, seconds=1.0, psnr=35.0, bicubic_psnr=30.0, path=str(out))
        return 0
    return obey(out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
