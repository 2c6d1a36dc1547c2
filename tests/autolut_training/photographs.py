"""Pieces of a photograph as training data. Belongs here: helpers of the tests of folders."""

from pathlib import Path

from skimage import data

from autolut_training.data.dataset import read_folder

PICTURE = data.camera()
GREY = PICTURE[:64, 100:164]
COLOURS = data.astronaut()[:64, 200:264]


def read(folder, **options):
    return read_folder(folder, 2, crop=16, **options)


def pieces(count, side=64):
    """Pieces of a photograph that do not overlap."""
    starts = range(0, 513 - side, side)
    places = [(y, x) for y in starts for x in starts]
    return [PICTURE[y : y + side, x : x + side] for y, x in places[:count]]


def planes(dataset):
    return {pair.name: pair.hr for pair in (*dataset.train, *dataset.held_out)}


def names(part):
    return sorted(Path(pair.name).name for pair in part)
