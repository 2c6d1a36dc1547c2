"""What is trained, as data: the graph of look-ups that an architecture stands for.

Belongs here: which signals every node reads and what it gives. What the nodes are made of, tables
(``stages.py``) or networks (``networks``), is not known here. Sources: MuLUT (ECCV 2022),
SPF-LUT (CVPR 2024), AutoLUT (CVPR 2025).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from napari_autolut.model import INPUT, MAX_BRANCHES, MAX_SIGNALS, ModelError, Signal, require

GRAPHS = ("cascade", "spf")
SHAPES = ("rotated", "filter")


@dataclass(frozen=True)
class SpatialPlan:
    """A node of branches around every pixel; one source and one AdaRL signal for each branch.

    A row of its tables holds ``columns`` values; ``upscale`` x ``upscale`` of them make a block.
    Branches are the papers', of four windows on four rotations, or rotation-equivariant: filters
    over all signals ``together``, looked up once (``filter_branches.py``).
    """

    sources: tuple[Signal, ...]
    previous: tuple[Signal | None, ...]
    columns: int
    upscale: int = 1
    together: tuple[Signal, ...] = ()

    @property
    def inputs(self) -> int:
        """Values that a branch looks up together."""
        return 5 if self.together else 4

    @property
    def rotations(self) -> int:
        """Look-ups of a branch at every pixel."""
        return 1 if self.together else 4


@dataclass(frozen=True)
class ChannelPlan:
    """A look-up over signals at the same pixel that gives as many channels as it reads."""

    signals: tuple[Signal, ...]


Plan = SpatialPlan | ChannelPlan


@dataclass(frozen=True)
class Architecture:
    """What is trained.

    Parameters
    ----------
    scale : int
        Upscaling factor r.
    channels : tuple of int, default (1, 1)
        Channels that each stage of a cascade gives, the last always 1.
    branches : int or tuple of int, default 3
        Look-ups per channel in every stage, or those of each stage of a cascade.
    window : int, default 5
        K of the sampling windows.
    skip : bool, default False
        Whether the last stage of a cascade has branches of the image itself.
    graph : {"cascade", "spf"}, default "cascade"
        Stages in a row, or SPF-LUT's six stages.
    shape : {"rotated", "filter"}, default "rotated"
        Branches of the papers' rotation ensemble, or rotation-equivariant (C4) filters over all
        planes that the node reads and the image.
    """

    scale: int
    channels: tuple[int, ...] = (1, 1)
    branches: int | tuple[int, ...] = 3
    window: int = 5
    skip: bool = False
    graph: str = "cascade"
    shape: str = "rotated"

    def __post_init__(self) -> None:
        if not self.channels or self.channels[-1] != 1:
            raise ModelError("channels", self.channels, "a list that ends with 1")
        if self.window < 3:
            raise ModelError("window", self.window, "at least 3")
        if self.graph not in GRAPHS:
            raise ModelError("graph", self.graph, " or ".join(GRAPHS))
        if self.shape not in SHAPES:
            raise ModelError("shape", self.shape, " or ".join(SHAPES))
        if isinstance(self.branches, tuple) and (
            self.graph != "cascade" or len(self.branches) != len(self.channels)
        ):
            raise ModelError("branches", self.branches, "one number, or one for each of channels")
        for plan in self.plans:
            if isinstance(plan, SpatialPlan):
                count, read = len(plan.sources), len(plan.together)
                require(
                    count <= MAX_BRANCHES, "look-ups of a stage", count, f"at most {MAX_BRANCHES}"
                )
                require(read <= MAX_SIGNALS, "planes of a filter", read, f"at most {MAX_SIGNALS}")

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The nodes in order, as in a ``LutModel``: signals of node *i* are ``Signal(i, ...)``."""
        return self._spf() if self.graph == "spf" else self._cascade()

    def _cascade(self) -> tuple[Plan, ...]:
        counts = (1, *self.channels)
        plans: list[Plan] = []
        for number, (given, made) in enumerate(pairwise(counts), 1):
            last = number == len(self.channels)
            sources = [Signal(number - 1, c) for c in range(given)]
            if self.skip and last and number > 1:
                sources.append(INPUT)
            filters = self.shape == "filter"
            previous = [None if filters else self._previous(s, number, counts) for s in sources]
            plans.append(self._spatial(sources, previous, made, number, last=last))
        return tuple(plans)

    def _previous(self, source: Signal, stage: int, counts: tuple[int, ...]) -> Signal | None:
        """AdaRL's other signal: what the source itself was made from.

        The first stage has none; a later stage that skips to the image mixes it with itself.
        """
        if stage == 1:
            return None
        before = max(source.node - 1, 0)
        return Signal(before, source.channel % counts[before])

    def _spf(self) -> tuple[Plan, ...]:
        # Channel 0 of the first four stages is kept, channel 1 goes on to the next stage.
        inputs = [INPUT, Signal(1, 1), Signal(2, 1), Signal(3, 1)]
        before: list[Signal | None] = [None, *inputs[:-1]]
        plans: list[Plan] = [
            self._spatial([source], [previous], columns)
            for source, previous, columns in zip(inputs, before, (2, 2, 2, 1), strict=True)
        ]
        plans.append(ChannelPlan(tuple(Signal(stage, 0) for stage in (1, 2, 3, 4))))
        mixed = [Signal(5, channel) for channel in range(4)]
        return (*plans, self._spatial(mixed, list(inputs), 1, last=True))

    def _spatial(
        self,
        sources: list[Signal],
        previous: list[Signal | None],
        channels: int,
        stage: int = 1,
        *,
        last: bool = False,
    ) -> SpatialPlan:
        """Every source with its branches side by side."""
        upscale = self.scale if last else 1
        here = self.branches if isinstance(self.branches, int) else self.branches[stage - 1]
        return SpatialPlan(
            tuple(s for s in sources for _ in range(here)),
            tuple(p for p in previous for _ in range(here)),
            channels * upscale**2,
            upscale,
            together=tuple(dict.fromkeys((*sources, INPUT))) if self.shape == "filter" else (),
        )
