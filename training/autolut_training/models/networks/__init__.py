"""The papers' own route: networks are trained, and tables are read off them.

Lives here: the networks, and their dense layers on the CPU and on CUDA. Not here: tables, sampling
and rounding, which networks share with them (``models``).
"""

from autolut_training.models.networks.cascade import Networks

__all__ = ["Networks"]
