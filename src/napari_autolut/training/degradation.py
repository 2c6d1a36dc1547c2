"""How LR images are made of HR images: the fault that a table learns to undo.

Belongs here: blur, downscaling, JPEG and noise on planes in [0, 255], once for the trainer and for
the windows. Downscaling and JPEG happen once an image, noise anew for every crop. Not here: which
images (``images.py``), and what a window shows of it (``preview.py``).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from napari_autolut.arrays import resize
from napari_autolut.training.detector import stabilised_counts
from napari_autolut.util.text import counted

METHODS = ("bicubic", "area", "gaussian", "given")

MAX_SIGMA = 100
MAX_PHOTONS = 10**9

Plane = NDArray[Any]


@dataclass(frozen=True)
class Degradation:
    """A degradation of HR planes.

    Parameters
    ----------
    method : {"bicubic", "area", "gaussian", "given"}
        How pixels become larger: ``"bicubic"`` as MATLAB does it, ``"area"`` (binning: the mean of
        r x r pixels, as a camera with larger pixels sees), ``"gaussian"`` (a point spread function,
        then binning). ``"given"``: LR images are there already and are not made of the HR images.
    sigma : float, 0 to 100, HR pixels
        Of the Gaussian point spread function; more than 0 with ``"gaussian"``, and only there.
    noise : float, 0 to 255
        Standard deviation of additive Gaussian noise.
    photons : float, 0 to a billion
        Counts at 255 of Poisson noise; 0 for none.
    jpeg : int, 1 to 95
        Quality of JPEG compression; 0 for none.
    stabilised : bool
        Whether images are the light of scenes, and the noise that of a detector's counts which
        :func:`denoise` has stabilised to that deviation; at scale 1.

    Raises
    ------
    ValueError
        if a value is out of its range, or does not go with the method
    """

    method: str = "bicubic"
    sigma: float = 0.0
    noise: float = 0.0
    photons: float = 0.0
    jpeg: int = 0
    stabilised: bool = False

    def __post_init__(self) -> None:
        rules = (
            ("degradation", self.method, self.method in METHODS, ", ".join(METHODS)),
            ("sigma", self.sigma, 0 <= self.sigma <= MAX_SIGMA, f"0 to {MAX_SIGMA} pixels"),
            ("sigma", self.sigma, (self.sigma > 0) == (self.method == "gaussian"),
             "more than 0 where the degradation is gaussian, and 0 else"),
            ("noise", self.noise, 0 <= self.noise <= 255, "0 to 255"),
            ("photons", self.photons, 0 <= self.photons <= MAX_PHOTONS, f"0 to {MAX_PHOTONS}"),
            ("jpeg", self.jpeg, 0 <= self.jpeg <= 95, "a quality from 1 to 95, or 0 for none"),
            ("jpeg", self.jpeg, self.method != "given" or not self.jpeg,
             "0, as LR images are given and are not compressed again"),
            ("stabilised", self.stabilised, self._is_noise_alone or not self.stabilised,
             "false but with noise alone, and neither photons, blur nor JPEG"),
        )  # fmt: skip
        for name, found, valid, expected in rules:
            if not valid:
                raise ValueError(f"{name}: found {found}, expected {expected}")

    @property
    def _is_noise_alone(self) -> bool:
        others = self.sigma or self.photons or self.jpeg or self.method != "bicubic"
        return bool(self.noise) and not others

    @property
    def is_noisy(self) -> bool:
        """Whether every crop gets noise of its own."""
        return bool(self.noise or self.photons)

    @property
    def keeps_scale_1(self) -> bool:
        """Whether an image of scale 1 would come out as it went in."""
        return self.method != "given" and not (self.sigma or self.is_noisy or self.jpeg)

    def downscale(self, planes: Plane, scale: int) -> Plane:
        """Make LR planes of HR planes, without noise.

        Parameters
        ----------
        planes : ndarray, shape (P, H * r, W * r)
            HR intensities in [0, 255].
        scale : int
            r, by which rows and columns are divided.

        Returns
        -------
        ndarray, shape (P, H, W)
            Of the dtype that was given.
        """
        result = planes
        if self.method == "bicubic":
            result = resize(planes, Fraction(1, scale), axes=(1, 2)) if scale > 1 else planes
        else:
            blurred = planes.astype(np.float32)
            if self.sigma:
                from scipy.ndimage import gaussian_filter  # takes its time to import

                blurred = gaussian_filter(blurred, (0, self.sigma, self.sigma), mode="reflect")
            count, height, width = planes.shape
            blocks = blurred.reshape(count, height // scale, scale, width // scale, scale)
            result = as_dtype(blocks.mean((2, 4)), planes.dtype)
        return np.stack([_through_jpeg(p, self.jpeg) for p in result]) if self.jpeg else result

    def add_noise(self, plane: NDArray[np.float32], random: np.random.Generator) -> Plane:
        """Give a plane in [0, 255] as a noisy detector sees it: float32, clipped to [0, 255]."""
        values: Plane = plane
        if self.photons:
            per_level = self.photons / 255
            values = random.poisson(np.clip(plane, 0, 255) * per_level) / per_level
        if self.noise:
            values = values + self.noise * random.standard_normal(plane.shape)
        return np.clip(values, 0, 255).astype(np.float32) if self.is_noisy else plane

    def observed(self, lr: Plane, hr: Plane, random: np.random.Generator) -> tuple[Plane, Plane]:
        """Give the LR that a table sees of crops in [0, 255], and the HR that it is to make."""
        if self.stabilised:
            return stabilised_counts(hr, self.noise, random)
        return self.add_noise(lr, random), hr

    def __str__(self) -> str:
        if self.stabilised:
            return f"noise of counts, stabilised to {self.noise:g}"
        parts = {
            "bicubic": ["shrinking by bicubic interpolation"],
            "area": ["binning"],
            "given": ["what the LR images of the pairs suffer from"],
            "gaussian": [f"Gaussian blur of {self.sigma:g} px, then binning"],
        }[self.method]
        parts += [f"Gaussian noise of {self.noise:g}"] if self.noise else []
        parts += (
            [f"Poisson noise of {counted(f'{self.photons:g}', 'photon')}"] if self.photons else []
        )
        parts += [f"JPEG of quality {self.jpeg}"] if self.jpeg else []
        return ", ".join(parts)


def as_dtype(values: Plane, dtype: np.dtype[Any]) -> Plane:
    """Values in [0, 255] as planes hold them: integer levels where they are bytes."""
    levels = np.rint(np.clip(values, 0, 255)) if dtype == np.uint8 else values
    converted: Plane = levels.astype(dtype)
    return converted


def _through_jpeg(plane: Plane, quality: int) -> Plane:
    """A plane compressed as 8-bit grey JPEG and read back."""
    stream = io.BytesIO()
    Image.fromarray(as_dtype(plane, np.dtype(np.uint8))).save(stream, "JPEG", quality=quality)
    decoded: Plane = np.asarray(Image.open(stream)).astype(plane.dtype)
    return decoded
