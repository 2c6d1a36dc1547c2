"""What a table of a run is worth on its held-out images, and what there is to beat.

Belongs here: which figure a run goes by. Which pixels are measured, and how, is
``report/validation.py`` and ``report/renoised.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from autolut_training.data.parts import Pair
from autolut_training.report.renoised import renoised_psnr
from autolut_training.report.validation import (
    Enlarger,
    bicubic_psnr,
    by_table,
    mean_psnr,
    psnr_of,
    validation_views,
)
from autolut_training.settings import Settings
from napari_autolut.model import LutModel
from napari_autolut.storage import load_model


class HeldOut:
    """Places of held-out images that are measured.

    ``baseline`` is the PSNR in dB of bicubic interpolation; with noisy images alone, of the
    denoiser that the run begins with.
    """

    def __init__(self, pairs: Sequence[Pair], settings: Settings) -> None:
        self._scale, self._sigma = settings.scale, settings.data.noise_sigma
        self.views = validation_views(pairs, settings.scale, settings.degradation)
        if self._sigma:
            self.baseline = self.psnr(by_table(initial_model(settings)))
        else:
            figures = [bicubic_psnr(view, self._scale) for view in self.views]
            self.baseline = round(mean_psnr(figures), 3)

    def psnr(self, enlarge: Enlarger) -> float:
        """PSNR in dB with three decimals, as a card has it."""
        if self._sigma:
            return round(renoised_psnr(self.views, enlarge, self._sigma), 3)
        return round(mean_psnr([psnr_of(view, enlarge, self._scale) for view in self.views]), 3)


def initial_model(settings: Settings) -> LutModel:
    """The model that is fine-tuned."""
    return load_model(settings.model.initial_model)
