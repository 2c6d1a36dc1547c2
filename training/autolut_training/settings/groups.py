"""The settings of a run in four groups, and the rules of each.

Belongs here: one group at a time. What groups must hold together is ``settings.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from autolut_training.settings.architecture import GRAPHS, SHAPES, Architecture
from napari_autolut.model import MAX_BRANCHES, MAX_GRID_SIZES
from napari_autolut.training.degradation import Degradation

PRECISIONS = ("float32", "bfloat16")
SCALES = (1, 2, 3, 4)
MAX_MINUTES = 525600  # a year
MAX_STEPS = 10**9
MAX_CROP = 4096
MAX_BATCH = 65536
MAX_LR = 1000
MAX_FEATURES = 4096
MAX_NETWORK_BLOCKS = 1024
MAX_STAGES = 64
MAX_SMALLER = 16
MAX_GRID_SIZE = MAX_GRID_SIZES[4]

Rule = tuple[str, object, bool, str]
"""A setting's name, what was found, whether that will do, and what is expected."""


@dataclass(frozen=True)
class DataSettings:
    """How training pairs are made of images.

    Parameters
    ----------
    method, sigma, noise, photons, jpeg, stabilised : str, float, float, float, int, bool
        The degradation, see :class:`Degradation`.
    crop : int
        LR side of a crop in pixels, a multiple of 16.
    multi_scale : tuple of float
        Training images are also used at these fractions of their size.
    sub_pixel_phases : int
        Along each axis, as many places (the scale at most) where LR pixels of training images
        begin. Each of them counts as an image; LR images that are given have one.
    intensity_augmentation : float
        Fraction of the crops whose intensities are scaled, shifted and inverted. Tables alone need
        that, not a network that is distilled.
    noise_sigma : float
        More than 0 where noisy images are all there is: the standard deviation of their noise, in
        levels of 255, after it was stabilised. Hidden pixels are then learned from.
    """

    method: str = "bicubic"
    sigma: float = 0.0
    noise: float = 0.0
    photons: float = 0.0
    jpeg: int = 0
    crop: int = 32
    multi_scale: tuple[float, ...] = (0.75, 0.5)
    sub_pixel_phases: int = 1
    intensity_augmentation: float = 0.5
    noise_sigma: float = 0.0
    stabilised: bool = False

    def rules(self) -> Iterator[Rule]:
        """What must hold."""
        fits = 16 <= self.crop <= MAX_CROP and self.crop % 16 == 0
        yield "crop", self.crop, fits, f"a multiple of 16, at most {MAX_CROP}"
        yield (
            "multi_scale",
            self.multi_scale,
            len(self.multi_scale) <= MAX_SMALLER and all(0.1 <= x < 1 for x in self.multi_scale),
            f"at most {MAX_SMALLER} fractions from 0.1 to 1",
        )
        yield "sub_pixel_phases", self.sub_pixel_phases, self.sub_pixel_phases in SCALES, "1 to 4"
        yield "noise_sigma", self.noise_sigma, 0 <= self.noise_sigma <= 255, "0 to 255"
        augmented = self.intensity_augmentation
        yield "intensity_augmentation", augmented, 0 <= augmented <= 1, "0 to 1"

    @property
    def degradation(self) -> Degradation:
        """How LR is made."""
        return Degradation(
            self.method, self.sigma, self.noise, self.photons, self.jpeg, self.stabilised
        )


@dataclass(frozen=True)
class ModelSettings:
    """What is trained.

    Parameters
    ----------
    scale : int
        Upscaling factor r, 1 to 4.
    channels, branches, window, skip, graph, shape : object
        The architecture, as ``architecture.Architecture`` describes it.
    init_from : str
        A model's name or file to fine-tune, instead of a new one of the architecture; of another
        scale, its blocks are resized. ``{scale}`` in it stands for the scale, and for 2 at scale 1.
        Learning rates are smaller with few images, see
        :func:`autolut_training.models.build.lr_multiplier`.
    """

    scale: int = 4
    channels: tuple[int, ...] = (4, 1)
    branches: int | tuple[int, ...] = 3
    window: int = 5
    skip: bool = True
    graph: str = "cascade"
    shape: str = "rotated"
    init_from: str = ""

    def rules(self) -> Iterator[Rule]:
        """What must hold."""
        several = isinstance(self.branches, tuple)
        counts: tuple[int, ...] = self.branches if several else (self.branches,)  # type: ignore[assignment]
        fits = self.graph == "cascade" and several and len(counts) == len(self.channels)
        for name, each in (("channels", self.channels), ("branches", counts)):
            bounded = all(1 <= count <= MAX_BRANCHES for count in each)
            yield name, getattr(self, name), bounded, f"1 to {MAX_BRANCHES} in a stage"
        stages = len(self.channels) <= MAX_STAGES
        yield "channels", self.channels, stages, f"at most {MAX_STAGES} stages"
        yield "scale", self.scale, self.scale in SCALES, "1, 2, 3 or 4"
        yield "window", self.window, 3 <= self.window <= 7, "3 to 7"
        yield "graph", self.graph, self.graph in GRAPHS, " or ".join(GRAPHS)
        yield "shape", self.shape, self.shape in SHAPES, " or ".join(SHAPES)
        yield (
            "branches",
            self.branches,
            fits or not several,
            "one number, or one for each of channels",
        )

    @property
    def architecture(self) -> Architecture:
        """The graph of look-ups."""
        names = ("scale", "channels", "branches", "window", "skip", "graph", "shape")
        return Architecture(*(getattr(self, name) for name in names))

    @property
    def initial_model(self) -> str:
        """Name or file of the model to fine-tune; empty for a new one."""
        return self.init_from.replace("{scale}", str(max(2, self.scale)))


@dataclass(frozen=True)
class OptimiserSettings:
    """How long and how fast. Learning rates are per step of Adam, of table values in 0..255 units.

    Parameters
    ----------
    steps : int or None
        Optimisation steps; the schedule runs over them.
    minutes : float or None
        Instead of ``steps``, the schedule runs over this time.
    grids : tuple of (float, int)
        (Fraction of the run, grid size L), from coarse to fine, the first at 0.
    batch : int
        Crops in a step.
    error_power : float
        What a step makes smaller is the mean over its crops of their mean squared errors to this
        power. With 1, crops with large errors count most; with less, all count more alike.
    table_lr, window_lr, residual_lr, filter_lr, network_lr : float
        Learning rates of the kinds of parameters; ``filter_lr`` is that of C4 branches, which have
        neither windows nor residuals.
    patience : int
        The run ends early after so many validations in a row that are worse than the best (one a
        minute, twenty in a run by steps): :class:`autolut_training.loop.schedule.Schedule`; 0
        for never.
    seed : int
        Of initial noise and crops.
    device : str
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    precision : str
        ``"float32"``, or ``"bfloat16"`` for the inner layers of the papers' networks and all layers
        of one that is distilled.
    """

    steps: int | None = None
    minutes: float | None = 10.0
    grids: tuple[tuple[float, int], ...] = ((0.0, 5), (0.2, 9))
    batch: int = 16
    error_power: float = 1.0
    table_lr: float = 2.0
    window_lr: float = 0.1
    residual_lr: float = 0.005
    filter_lr: float = 0.03
    network_lr: float = 1e-3
    patience: int = 0
    seed: int = 0
    device: str = "cpu"
    precision: str = "float32"

    def rules(self) -> Iterator[Rule]:
        """What must hold."""
        yield "batch", self.batch, 1 <= self.batch <= MAX_BATCH, f"1 to {MAX_BATCH}"
        yield "error_power", self.error_power, 0 < self.error_power <= 1, "more than 0, at most 1"
        counted = self.steps is None or 1 <= self.steps <= MAX_STEPS
        yield "steps", self.steps, counted, f"1 to {MAX_STEPS}"
        bounded = self.minutes is None or 0 < self.minutes <= MAX_MINUTES
        yield "minutes", self.minutes, bounded, f"more than 0, at most {MAX_MINUTES}"
        neither = self.steps is None and self.minutes is None
        yield "steps", "neither steps nor minutes", not neither, "one of them"
        begins = bool(self.grids) and self.grids[0][0] == 0
        yield "grids", self.grids, begins, "a first one at 0"
        fractions, sizes = zip(*self.grids, strict=True)
        rises = [*fractions] == sorted({*fractions}) and fractions[-1] <= 1
        yield "grids", self.grids, rises, "fractions of the run that rise, up to 1"
        fine = all(2 <= size <= MAX_GRID_SIZE for size in sizes) and [*sizes] == sorted({*sizes})
        yield "grids", self.grids, fine, f"sizes that rise, of 2 to {MAX_GRID_SIZE}"
        for name in ("table_lr", "window_lr", "residual_lr", "filter_lr", "network_lr"):
            rate = getattr(self, name)
            yield name, rate, 0 < rate <= MAX_LR, f"more than 0, at most {MAX_LR}"
        yield "seed", self.seed, 0 <= self.seed < 2**63, "0 or more, less than 2**63"
        yield "patience", self.patience, self.patience >= 0, "at least 0"
        known = re.fullmatch(r"cpu|cuda(:\d{1,3})?", self.device, re.ASCII) is not None
        yield "device", self.device, known, "cpu, cuda, or cuda:0 for the first of several cards"
        yield "precision", self.precision, self.precision in PRECISIONS, " or ".join(PRECISIONS)

    def grid_size_at(self, progress: float) -> int:
        """L at a fraction of the run, 0 to 1."""
        return max(size for start, size in self.grids if progress >= start)


@dataclass(frozen=True)
class DistillationSettings:
    """Networks that come before tables.

    Parameters
    ----------
    features, blocks : int
        Width of the networks; residual blocks of one that is distilled, two layers each.
    distill_start : float
        Fraction of the run after which tables are trained: those that the papers' networks became,
        read off on the grid, or those that learn from a network's pseudo-labels.
    label_weight : float
        Fraction of the network's answer in what tables learn from; the rest is HR.
    extra_downscales : tuple of int
        Factors below the scale; the network also labels HR images downscaled by them.
    network : str
        File of the network that is distilled. Where it is there it is learned from, where only its
        folder is there it is written once the network has learned. Empty for none.
    """

    features: int = 64
    blocks: int = 8
    distill_start: float = 1.0
    label_weight: float = 0.0
    extra_downscales: tuple[int, ...] = ()
    network: str = ""

    def rules(self) -> Iterator[Rule]:
        """What must hold."""
        wide = 1 <= self.features <= MAX_FEATURES
        yield "features", self.features, wide, f"1 to {MAX_FEATURES}"
        deep = 1 <= self.blocks <= MAX_NETWORK_BLOCKS
        yield "blocks", self.blocks, deep, f"1 to {MAX_NETWORK_BLOCKS}"
        yield "label_weight", self.label_weight, 0 <= self.label_weight <= 1, "0 to 1"
        start = self.distill_start
        yield "distill_start", start, 0 < start <= 1, "more than 0, at most 1"
