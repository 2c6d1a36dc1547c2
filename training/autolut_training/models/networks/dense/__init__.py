"""The papers' small dense network behind a branch: hidden layers on a processor and on a card.

Lives here: the network with the table that is read off it, and its layers for each device. Not
here: sampling and summing, which are ``networks/cascade.py``.
"""

from autolut_training.models.networks.dense.network import LEVELS, Dense

__all__ = ["LEVELS", "Dense"]
