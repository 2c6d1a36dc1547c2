"""One press of Run: several layers, where their results are kept, and the work in steps.

Belongs here: what holds for all layers of a run together. What one of them is, is
``layer_upscaling.py``; sizes and times are ``estimates.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from napari_autolut.arrays.upscaling import Progress
from napari_autolut.layers.estimates import Memory, memory_for, source_pixels, speeds
from napari_autolut.layers.upscaling import LayerData, LayerUpscaling
from napari_autolut.model.graph import LutModel


@dataclass(frozen=True)
class UpscalePlan:
    """What a run will do; ``memory`` is what its results would take if all were computed."""

    upscalings: tuple[LayerUpscaling, ...]
    memory: Memory
    chosen: bool

    @classmethod
    def of(cls, upscalings: Sequence[LayerUpscaling], output: str = "auto") -> UpscalePlan:
        """Decide where results are kept.

        Parameters
        ----------
        upscalings : at least one, all with the same model
        output : ``"memory"``, ``"lazy"``, or ``"auto"``: lazy where it would not fit comfortably
        """
        memory = memory_for(sum(each.result_nbytes for each in upscalings if not each.lazy))
        if output == "lazy" or (output == "auto" and not memory.comfortable):
            upscalings = [replace(each, lazy=True) for each in upscalings]
        return cls(tuple(upscalings), memory, output != "auto")

    @property
    def model(self) -> LutModel:
        """The model of all."""
        return self.upscalings[0].model

    @property
    def lazy(self) -> bool:
        """Whether all results are computed when they are looked at."""
        return all(each.lazy for each in self.upscalings)

    @property
    def too_large(self) -> bool:
        """Whether results are lazy only because they would not fit."""
        return not self.chosen and not self.memory.comfortable

    @property
    def pixels(self) -> int:
        """Pixels that the run sends through the model."""
        return sum(source_pixels(each) for each in self.upscalings if not each.lazy)

    @property
    def nbytes(self) -> int:
        """Bytes of the results that are computed at once."""
        return sum(each.result_nbytes for each in self.upscalings if not each.lazy)

    @property
    def seconds(self) -> float | None:
        """How long it will take, as far as that is known."""
        return None if self.lazy else speeds.seconds(self.model, self.pixels)

    def check_memory(self) -> None:
        """Refuse what cannot be held.

        Raises
        ------
        MemoryError
            saying what is needed, what there is, and what to do
        """
        if self.nbytes >= self.memory.free:
            raise MemoryError(
                f"The result needs {self.nbytes / 1e9:.1f} GB and {self.memory.free / 1e9:.1f} GB "
                "of memory are free; choose the result 'Computed when shown', the current slice, "
                "or a model of a smaller scale."
            )

    def steps(self) -> Generator[Progress, None, list[LayerData]]:
        """Compute layer after layer: yields after every tile, returns all layer data."""
        total, before, results = sum(each.tiles for each in self.upscalings), 0, []
        for upscaling in self.upscalings:
            steps = upscaling.steps()
            try:
                while True:
                    yield Progress(before + next(steps).done, total)
            except StopIteration as end:
                results.append(end.value)
            finally:
                steps.close()
            before += upscaling.tiles
        return results
