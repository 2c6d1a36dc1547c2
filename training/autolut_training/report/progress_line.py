"""What a shell sees of a run: a line that is rewritten, or lines of JSON.

Belongs here: events in words. Which events there are is ``napari_autolut.training.events``.
"""

from __future__ import annotations

import math

from napari_autolut.cli.output import echo, write
from napari_autolut.training.events import (
    Done,
    Event,
    Finishing,
    Postponed,
    Started,
    Step,
    Validation,
    as_json,
)
from napari_autolut.training.record import OVER_BICUBIC, gain_text, postponed_text
from napari_autolut.training.sources import skipped_line
from napari_autolut.util.text import counted, printable


def print_line(event: Event) -> None:
    """Print a line of JSON."""
    print(as_json(event), flush=True)  # noqa: T201


class ProgressLine:
    """Shows events as one line that is rewritten, and lines that stay for what matters.

    All of it goes to stderr, but for the line that says what was written.
    """

    def __init__(self) -> None:
        self.line, self.over = "", OVER_BICUBIC

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case Started(images, held_out, skipped, bicubic, notes, over, parts):
                self.over = over
                for name, reason in skipped.items():
                    self._keep(skipped_line(name, reason))
                part_of = "it" if images == 1 else "each"
                kept = f"a part of {part_of} held out" if parts else f"{held_out} held out"
                self._keep(
                    f"{counted(images, 'image')} to learn from, {kept} ({bicubic:.2f} dB by {over})"
                )
                for note in notes:
                    self._keep(note)
            case Step(step, progress, loss, rate, left):
                shown = math.ceil(left)
                self._rewrite(
                    f"{progress:4.0%}  step {step}  loss {loss:.1f}  {rate:.1f} steps/s  "
                    f"{shown // 60}:{shown % 60:02d} left"
                )
            case Validation(step, psnr, bicubic, best, of_network):
                remark = " (the network)" if of_network else "" if best else " (not kept)"
                self._keep(
                    f"step {step}: {psnr:.2f} dB on held-out images, "
                    f"{psnr - bicubic:+.2f} dB against {self.over}{remark}"
                )
            case Finishing(_, count, best, _):
                self._keep(
                    f"{counted(count, 'measurement')} in a row below {best:.2f} dB: it learns its "
                    "images by heart; ending early"
                )
            case Postponed():
                self._keep(postponed_text(event))
            case Done(step, seconds, psnr, bicubic, path, initial):
                self._clear()
                echo(
                    f"{path}: {gain_text(psnr, bicubic, self.over, initial)}; "
                    f"{counted(step, 'step')} in {counted(f'{seconds / 60:.1f}', 'minute')}"
                )

    def end(self) -> None:
        """Leave the line that is being rewritten as it is."""
        if self.line:
            self._keep(self.line)

    def _rewrite(self, text: str) -> None:
        self._clear()
        self.line = printable(text)
        write(self.line, to_stderr=True)

    def _keep(self, text: str) -> None:
        self._clear()
        echo(text, to_stderr=True)

    def _clear(self) -> None:
        """Take the line that is being rewritten off the screen."""
        if self.line:
            write(f"\r{' ' * len(self.line)}\r", to_stderr=True)
        self.line = ""
