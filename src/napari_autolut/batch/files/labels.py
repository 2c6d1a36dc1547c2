"""Labels and masks of files: numbers of things, which are enlarged by nearest neighbour.

Belongs here: which files hold them, what is done to them, and the labels beside the images of an
OME-Zarr. How pixels alone look like labels is ``arrays/label_images.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from napari_autolut.arrays import Axes, NearestTask
from napari_autolut.arrays.label_images import sampled_regions_word
from napari_autolut.batch.files.ranges import with_views
from napari_autolut.io import ImageFile, ProcessingStep, SeriesInfo, is_named_zarr
from napari_autolut.io.zarr import is_zarr
from napari_autolut.util.errors import FILE_ERRORS, error_message
from napari_autolut.util.grid import NEAREST, Scale
from napari_autolut.util.text import first_names, printable

NAMES = ("label", "labels", "mask", "masks", "seg", "segmentation", "segmentations", "labelmap")
"""Words in the names of what holds labels, as Cellpose, ImageJ's plugins and napari put them."""

KEPT = "labels: enlarged by nearest neighbour, their numbers kept"
"""What is said of them."""

SAID = 12
"""Names of labels that a sentence says; a Zarr may have thousands."""

UNREAD = "left out: labels that cannot be read"


class LabelsBeside(NamedTuple):
    """Labels that lie beside an image, and what is done to them.

    Parameters
    ----------
    name : str
        Of their group.
    expected : ImageFile
        The result, with shape and type but without the memory.
    task : NearestTask
        What is done.
    """

    name: str
    expected: ImageFile
    task: NearestTask


def axes_of(image: ImageFile) -> Axes:
    """The axes of an image as those of an array."""
    channel = image.axes.find("C")
    return Axes(image.spatial_axes, image.rgb, channel if channel >= 0 else None)


def labels_recognised(path: Path, image: ImageFile) -> ImageFile:
    """Say of an image that it is labels, where its file says so or its names and values agree.

    Values alone are a guess, of which there is a remark; so is a name alone.

    Parameters
    ----------
    path : pathlib.Path
        Where it is from.
    image : ImageFile
        As it was read.

    Returns
    -------
    ImageFile
        With ``labels`` and a remark.
    """
    if image.labels:
        return replace(image, remarks=(*image.remarks, KEPT))
    if _is_named(path, image) and all(words := words_on_channels(image, named=True)):
        said = f"named as labels and looks like {words[0]}; enlarged by nearest neighbour"
        return replace(image, labels=True, remarks=(*image.remarks, f"{said}, values kept"))
    if image.rgb or not (word := word_on_regions(image)):
        return image
    advice = (
        "numbers of regions have no mean: with mask or labels in its name it is enlarged by "
        "nearest neighbour, as is a Labels layer in napari"
    )
    return replace(image, remarks=(*image.remarks, f"looks like {word}; {advice}"))


def labels_to_be_kept(path: Path, image: ImageFile) -> ImageFile:
    """The same where nothing is enlarged; what only looks like labels is an image then."""
    if not labels_recognised(path, image).labels:
        return image
    return replace(image, labels=True, remarks=(*image.remarks, "labels: left as they are"))


def word_on_regions(image: ImageFile) -> str:
    """Say what an image looks like of which a channel holds numbers of regions; else empty."""
    return next(filter(None, words_on_channels(image)), "")


def words_on_channels(image: ImageFile, *, named: bool = False) -> list[str]:
    """What each channel looks like, or the colours together; empty for those that are images."""
    if image.data.dtype.kind not in "uif":
        return [""]
    axes, data = axes_of(image), with_views(image)
    if image.rgb:
        return [sampled_regions_word(axes.spatial_last(data), colours=True, named=named)]
    return [sampled_regions_word(each, named=named) for each in axes.channels(data)]


def _is_named(path: Path, image: ImageFile) -> bool:
    """Whether a file, its folder, its image or one of its channels is named as labels are."""
    names = (path.stem, path.parent.name, image.name, *(each.name for each in image.channels))
    words = (word for name in names for word in re.split(r"[^a-z]+", name.lower()))
    return any(word in NAMES for word in words)


def labels_task(image: ImageFile, scale: Scale) -> NearestTask:
    """What is done to an image of labels; 1 leaves it as it is."""
    return NearestTask.enlarging(image.data, axes_of(image), scale)


def labels_step(scale: Scale, source: Path) -> ProcessingStep:
    """The record of it."""
    return ProcessingStep("upscale", NEAREST, scale=scale, source=printable(source.name))


class Beside(NamedTuple):
    """The labels beside the images of a file.

    Parameters
    ----------
    images : tuple of tuple of LabelsBeside
        For each image.
    unread : tuple of str, default ()
        Why labels cannot be read.
    """

    images: tuple[tuple[LabelsBeside, ...], ...]
    unread: tuple[str, ...] = ()

    @property
    def left_out(self) -> str:
        """Say that they are left out; empty where there are none."""
        words = [f"left out: the labels {self._names}"] if self._names else []
        return "; ".join([*words, *self.unread])

    def lost(self, out: Path) -> tuple[str, ...]:
        """Say which of them a result that holds labels lacks, for they cannot be read."""
        return self.unread if is_named_zarr(out) else ()

    def words(self, out: Path) -> str:
        """Say what became of them; empty where there are none."""
        every = [each for group in self.images for each in group]
        if not every:
            return self.left_out
        if not is_named_zarr(out):
            return f"{self.left_out}; a result named .zarr keeps them"
        grow = any(each.task.scale != 1 for each in every)
        done = "enlarged by nearest neighbour" if grow else "carried along"
        return "; ".join([f"labels {self._names} {done}, their numbers kept", *self.unread])

    @property
    def _names(self) -> str:
        names = (printable(each.name) for group in self.images for each in group)
        return first_names(list(dict.fromkeys(names)), SAID)


def labels_beside_images(source: Path, series: Sequence[SeriesInfo], scale: Scale) -> Beside:
    """Find the labels beside each image of an OME-Zarr, and settle what is done to them.

    Parameters
    ----------
    source : pathlib.Path
        The folder, or any other file, which has none.
    series : sequence of SeriesInfo
        The images.
    scale : float
        How many times as large they become; 1 leaves them as they are.

    Returns
    -------
    Beside
        Labels that cannot be read do not stop the work on their image.
    """
    unread: list[str] = []
    if not is_zarr(source):
        return Beside(((),) * len(series))
    images = (tuple(_beside(source / each.name, scale, unread)) for each in series)
    return Beside(tuple(images), tuple(unread))


def _beside(image_folder: Path, scale: Scale, unread: list[str]) -> Iterator[LabelsBeside]:
    from napari_autolut.io.zarr.describing import LABELS_KEY
    from napari_autolut.io.zarr.folder import inside
    from napari_autolut.io.zarr.groups import labels_of
    from napari_autolut.io.zarr.pixels import ZarrPixels
    from napari_autolut.io.zarr.reading import read_zarr

    try:
        around, names = labels_of(image_folder)
    except FILE_ERRORS as error:
        unread.append(f"{UNREAD} ({error_message(error)})")
        return
    for name in names:
        try:
            image = read_zarr(inside(around, name), memmap_above=0)
            if isinstance(image.data, ZarrPixels):
                image.data.check()
        except FILE_ERRORS as error:
            unread.append(f"{UNREAD} ({error_message(error)})")
            continue
        said = {**image.metadata.get(LABELS_KEY, {}), "source": {"image": "../../"}}
        image = replace(image, labels=True, metadata={LABELS_KEY: said})
        task = labels_task(image, scale)
        if scale != 1:
            image = replace(image, history=(*image.history, labels_step(scale, image_folder)))
        shape = np.broadcast_to(np.zeros((), image.data.dtype), task.result_shape(task.whole))
        enlarged = image.enlarged(shape, task.grid.rows, task.grid.columns)
        yield LabelsBeside(name, enlarged, task)
