"""The card of a model: what it is for, what it was trained on, how good it is.

Belongs here: the card's fields. How it is stored is in ``storage``, how it is shown in the docks
and the shell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Card:
    """What a user should know about a model before trusting it.

    Parameters
    ----------
    name : str
        Name of the model.
    task : str, default "super-resolution"
        What it does: super-resolution, denoising or deblocking.
    description : str, optional
        What it is good for.
    licence : str, optional
        Terms of the tables.
    training_data : str, optional
        On which images it was trained.
    recipe : str, optional
        How to train it again.
    date : str, optional
        Day of the training, as YYYY-MM-DD.
    value_range : str, default "0..255"
        Intensities that the tables expect.
    source : str, optional
        Where imported tables come from.
    noise_sigma : float, default 0.0
        Of a table that takes white noise away: its standard deviation, in levels of 255; 0 for
        others.
    noise_strength : float, default 1.0
        Of such a table: times the noise that is found in an image, what is to be taken away.
    benchmark : mapping of str to mapping of str to float, optional
        Figures by data set, such as ``{"Set5": {"psnr_y": 30.67}}``.

    Examples
    --------
    >>> from napari_autolut import load_model
    >>> load_model("natural-x2").card.task
    'super-resolution'
    """

    name: str
    task: str = "super-resolution"
    description: str = ""
    licence: str = ""
    training_data: str = ""
    recipe: str = ""
    date: str = ""
    value_range: str = "0..255"
    source: str = ""
    noise_sigma: float = 0.0
    noise_strength: float = 1.0
    benchmark: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
