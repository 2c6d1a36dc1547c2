"""Benchmarks of models on folders of images, as the super-resolution papers do it.

Lives here: PSNR and SSIM, the benchmark, its report and its plot. Not here: comparing views of a
layer (``comparison``).
"""

from napari_autolut.evaluation.benchmark import Evaluation, evaluate
from napari_autolut.evaluation.pairs import EvaluationError

__all__ = ["Evaluation", "EvaluationError", "evaluate"]
