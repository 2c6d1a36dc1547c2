"""Cells in noise, and models that know of it. Belongs here: what tests of noisy images share."""

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

from napari_autolut import load_model
from napari_autolut.arrays import (
    Axes,
    Range,
    averaged,
    task_for,
)
from napari_autolut.model import LutModel, NoisyModel


def knowing_noise(noisy: LutModel | None = None) -> LutModel:
    """A model for clean images, with noise that it knows, and another model in its place there."""
    clean = load_model("natural-x2")
    return replace(clean, noisy=(NoisyModel(10.0, noisy), NoisyModel(2.0, noisy)))


def cells(shape=(120, 130), photons=100, seed=0):
    rng = np.random.default_rng(seed)
    scene = gaussian_filter(rng.normal(size=shape), 5)
    scene = np.clip(scene / scene.std(), 0, None) + 0.2
    return (rng.poisson(scene * photons / 2) * 10 + 100).astype(
        np.uint16
    ), scene * photons * 5 + 100


def task(image, noise="auto", model=None):
    channels = Axes((1, 2), channel=0) if image.ndim == 3 else Axes((0, 1))
    return task_for(image, channels, (Range(0, 4095),), model or knowing_noise(), noise)


def with_correlated_noise(shape, strength=0.8):
    """Cells whose noise neighbouring pixels share, and the truth."""
    noisy, truth = cells(shape, photons=60)
    noise = noisy - truth
    shared = gaussian_filter(noise, strength)
    return np.rint(truth + shared * (noise.std() / shared.std())).clip(0).astype(np.uint16), truth


def enlarged_by_half(photons, seed=0):
    """Noisy cells that were made larger by a cubic spline, 192 x 192 pixels, and the truth."""
    truth = np.random.default_rng(seed).normal(size=(256, 256))
    truth = gaussian_filter(truth, 5)
    truth = (np.clip(truth / truth.std(), 0, None) + 0.2) * photons * 20
    counts = np.random.default_rng(seed + 1).poisson(averaged(truth, 2) / 40) * 40.0
    larger = [zoom(each, 1.5, order=3, mode="reflect", grid_mode=True) for each in (counts, truth)]
    return np.rint(larger[0]).clip(0).astype(np.uint16), larger[1]
