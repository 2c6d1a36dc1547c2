"""One press of Run: several layers, where their results are kept, and the work in steps.

Belongs here: what holds for all layers of a run together. What one of them is, is
``task.py``; sizes and times are ``estimates.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from napari_autolut.arrays import Progress, one_of_several, relayed
from napari_autolut.layers.estimates import Memory, memory_for, speeds
from napari_autolut.layers.provenance import LayerData
from napari_autolut.layers.source import LayerSource, Work
from napari_autolut.util.sizes import bytes_text


@dataclass(frozen=True)
class RunPlan:
    """What a run will do; ``memory`` is what its results would take if all were computed."""

    tasks: tuple[LayerSource, ...]
    memory: Memory
    chosen: bool
    folder: Path | None = None

    @classmethod
    def of(
        cls, tasks: Sequence[LayerSource], output: str = "auto", folder: Path | None = None
    ) -> RunPlan:
        """Decide where results are kept.

        Parameters
        ----------
        tasks : sequence of LayerSource
            At least one, all with the same work.
        output : {"auto", "memory", "lazy"}
            ``"auto"``: lazy where it would not fit comfortably.
        folder : pathlib.Path, optional
            Where results are saved, instead of any other output.

        Raises
        ------
        ImageFileError
            If a result cannot be saved there.
        MissingDependencyError
            If what saving needs is not installed.
        """
        if folder is not None:
            from napari_autolut.layers.saving import saved_file  # loads all of io

            for each in tasks:
                saved_file(each, folder)
            on_disk = tuple(replace(each, lazy=False) for each in tasks)
            return cls(on_disk, memory_for(0), True, folder)
        memory = memory_for(sum(each.result_nbytes for each in tasks if not each.lazy))
        if output == "lazy" or (output == "auto" and not memory.comfortable):
            tasks = [replace(each, lazy=True) for each in tasks]
        return cls(tuple(tasks), memory, output != "auto")

    @property
    def work(self) -> Work:
        """What is done to all, as far as its speed is concerned."""
        return self.tasks[0].work

    @property
    def lazy(self) -> bool:
        """Whether all results are computed when they are looked at."""
        return all(each.lazy for each in self.tasks)

    @property
    def too_large(self) -> bool:
        """Whether results are lazy only because they would not fit."""
        return not self.chosen and not self.memory.comfortable

    @property
    def pixels(self) -> int:
        """Pixels that the run sends through tables."""
        return sum(each.pixels for each in self.tasks if not each.lazy)

    @property
    def nbytes(self) -> int:
        """Bytes of the results that are computed at once."""
        return sum(each.result_nbytes for each in self.tasks if not each.lazy)

    @property
    def seconds(self) -> float | None:
        """How long it will take, as far as that is known."""
        saved = 0 if self.folder is None else self.nbytes
        return None if self.lazy else speeds.seconds(self.work, self.pixels, saved)

    def check_memory(self) -> None:
        """Refuse what cannot be held.

        Raises
        ------
        MemoryError
            Saying what is needed, what there is, and what to do.
        """
        if self.folder is None and self.nbytes >= self.memory.free:
            raise MemoryError(
                f"The result needs {bytes_text(self.nbytes)} and {bytes_text(self.memory.free)} "
                "of memory are free; choose the result 'Computed when shown', or the current slice"
                + (", or a model of a smaller scale." if self.tasks[0].scale > 1 else ".")
            )

    def steps(self) -> Generator[Progress, None, list[LayerData]]:
        """Compute layer after layer: yields after every tile, returns all layer data."""
        if self.folder is not None:
            return (yield from self._saved(self.folder))
        total, before, results = sum(each.tiles for each in self.tasks), 0, []
        for task in self.tasks:
            if task.lazy:
                yield Progress(before, total)
                task.warm_up()
            among_all = partial(_among_all, before, total)
            results.append((yield from relayed(task.steps(), among_all)))
            before += task.tiles
        return results

    def _saved(self, folder: Path) -> Generator[Progress, None, list[LayerData]]:
        """Compute layer after layer into the folder; each counts alike."""
        from napari_autolut.layers.saving import saved_steps  # loads all of io

        results = []
        for number, task in enumerate(self.tasks):
            steps = one_of_several(saved_steps(task, folder), number, len(self.tasks))
            results.append((yield from steps))
        return results


def _among_all(before: int, total: int, step: Progress) -> Progress:
    return Progress(before + step.done, total)
