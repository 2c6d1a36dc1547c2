"""Where images to learn from come from: a folder, a pair of folders, or open layers.

Belongs here: looking through any of them, and the planes that are shown of them; no Qt, no torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from napari_autolut.io import READABLE_SUFFIXES, suffix_of
from napari_autolut.training.choices import SMALLEST_SIDE
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.findings import (
    Findings,
    FoundImage,
    Steps,
    find_images,
    find_pairs,
)
from napari_autolut.training.holdout import MIN_SLICES, Size, cuts, smallest_cut
from napari_autolut.training.images import IN_PART, TrainingDataError
from napari_autolut.training.layers import LayerPixels
from napari_autolut.training.preview import (
    Effect,
    Plane,
    effect_of,
    file_plane,
    layer_plane,
    pair_effect,
)
from napari_autolut.util.paths import image_name
from napari_autolut.util.text import counted


class Source(Protocol):
    """What can be learned from."""

    @property
    def noisy(self) -> bool:
        """Whether its images are noisy, and there are no others."""

    @property
    def name(self) -> str:
        """A word for it, from which the model's name is made."""

    @property
    def layers(self) -> Sequence[LayerPixels]:
        """The layers that have to be written to files first."""

    @property
    def folders(self) -> tuple[str, str | None]:
        """Folders of sharp images and of small ones that belong to them, where there are any."""

    def find(self) -> Steps:
        """Look through it; yields what was found so far."""

    def plane(self, image: FoundImage) -> Plane:
        """Read the middle plane of one of its images, as the trainer sees it: in [0, 255]."""

    def effect(self, image: FoundImage, scale: int, how: Degradation, place: int) -> Effect:
        """Show what is learned from, at some place of one of its images."""


@dataclass(frozen=True)
class FolderSource:
    """Images in a folder and those below it, or one file: sharp ones, or ``noisy`` ones alone."""

    folder: Path
    noisy: bool = False

    @property
    def name(self) -> str:
        """The folder's name, or the file's without its suffix."""
        path = self.folder.resolve()
        is_image = suffix_of(path) in READABLE_SUFFIXES
        return image_name(path) if is_image else path.name

    @property
    def layers(self) -> Sequence[LayerPixels]:
        """None."""
        return ()

    @property
    def folders(self) -> tuple[str, str | None]:
        """The folder alone."""
        return str(self.folder.resolve()), None

    def find(self) -> Steps:
        """Read every image."""
        return find_images(self.folder)

    def plane(self, image: FoundImage) -> Plane:
        """The middle plane of a file."""
        assert image.file is not None
        return file_plane(image.file)

    def effect(self, image: FoundImage, scale: int, how: Degradation, place: int) -> Effect:
        """A place as it is, and made worse."""
        return effect_of(self.plane(image), scale, how, place)


@dataclass(frozen=True)
class PairSource:
    """Folders of HR images, and of the same ones as a worse instrument sees them, LR."""

    hr: Path
    lr: Path
    noisy: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        """The name of the folder of HR images."""
        return self.hr.resolve().name

    @property
    def layers(self) -> Sequence[LayerPixels]:
        """None."""
        return ()

    @property
    def folders(self) -> tuple[str, str | None]:
        """Both folders."""
        return str(self.hr.resolve()), str(self.lr.resolve())

    def find(self) -> Steps:
        """Read both images of every pair."""
        return find_pairs(self.hr, self.lr)

    def plane(self, image: FoundImage) -> Plane:
        """The middle plane of an HR image."""
        assert image.file is not None
        return file_plane(image.file)

    def effect(self, image: FoundImage, scale: int, how: Degradation, place: int) -> Effect:
        """The same place in both images; there is nothing to be made worse."""
        assert image.lr is not None
        return pair_effect(self.plane(image), file_plane(image.lr), place)


@dataclass(frozen=True)
class OpenLayersSource:
    """Layers that are open in napari."""

    layers: tuple[LayerPixels, ...]
    noisy: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        """The name of the first layer."""
        return self.layers[0].name

    @property
    def folders(self) -> tuple[str, str | None]:
        """None before they are written."""
        return "", None

    def find(self) -> Steps:
        """Describe every layer, and what of it is not used as far as it is in memory."""
        findings = Findings(total=len(self.layers))
        for layer in self.layers:
            try:
                usable = layer.usable()
            except TrainingDataError as error:
                findings.skipped[layer.name] = str(error)
            else:
                findings.images.append(layer.found(usable))
                if usable is not None and usable.remark:
                    findings.skipped[layer.name] = IN_PART + usable.remark
            findings.done += 1
            yield findings
        return findings

    def plane(self, image: FoundImage) -> Plane:
        """The middle plane of a layer."""
        (layer, *_) = (layer for layer in self.layers if layer.name == image.name)
        return layer_plane(layer)

    def effect(self, image: FoundImage, scale: int, how: Degradation, place: int) -> Effect:
        """A place as it is, and made worse."""
        return effect_of(self.plane(image), scale, how, place)


def learned_from(source: Source, findings: Findings) -> str:
    """Say what a training learns from: ``my-cells: 12 images``."""
    layers = source.layers
    if layers:
        return f"{counted(len(layers), 'open layer')}: {', '.join(each.name for each in layers)}"
    what = "pair" if findings.scale is not None else "image"
    return f"{source.name}: {counted(len(findings.images), what)}"


def too_few(findings: Findings, scale: int) -> str:
    """Why there is not enough to learn from at a scale, in one sentence; empty where there is."""
    min_side = SMALLEST_SIDE * scale
    usable, found = findings.usable(min_side), len(findings.images)
    slices, size = (usable[0].slices, usable[0].size) if usable else (1, (0, 0))
    # Rows and columns of LR images; pairs have those of their HR images here.
    lr = Size(slices, *(length // scale for length in size))
    if len(usable) > 1 or (usable and cuts(lr, SMALLEST_SIDE)):
        return ""
    if not found:
        return "No image that can be used."
    if not usable:
        large = "is not" if found == 1 else "are not"
        return (
            f"Scale {scale} needs images of at least {min_side} \N{MULTIPLICATION SIGN} {min_side} "
            f"pixels; {counted(found, 'image')} {large} large enough."
        )
    side = smallest_cut(SMALLEST_SIDE) * scale
    return (
        "One image is enough if a part of it can be held out to measure with: at scale "
        f"{scale} it takes {side} \N{MULTIPLICATION SIGN} {min_side} pixels, or "
        f"{MIN_SLICES} slices. Add a second image, or choose a smaller scale."
    )


def skipped_line(name: str, reason: str) -> str:
    """``skipped a.tif: every pixel is 0``, or ``skipped b.tif in part``, and what of it."""
    in_part = " in part" if reason.startswith(IN_PART) else ""
    return f"skipped {name}{in_part}: {reason.removeprefix(IN_PART)}"


def skipped_count(skipped: Mapping[str, str], what: str = "file") -> str:
    """``1 file skipped, 2 used in part``; files, or ``what`` else they are."""
    in_part = sum(reason.startswith(IN_PART) for reason in skipped.values())
    if in_part == len(skipped):
        return f"{counted(in_part, what)} used in part"
    whole = f"{counted(len(skipped) - in_part, what)} skipped"
    return f"{whole}, {in_part} used in part" if in_part else whole


def skipped_text(findings: Findings, scale: int) -> str:
    """Say how many images are too small for a scale, where there are any."""
    min_side = SMALLEST_SIDE * scale
    small = len(findings.images) - len(findings.usable(min_side))
    if not small:
        return ""
    return (
        f"{counted(small, 'image')} of {len(findings.images)} will be skipped: smaller than "
        f"{min_side} \N{MULTIPLICATION SIGN} {min_side} pixels."
    )
