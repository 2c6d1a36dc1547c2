"""Commands to a training run, a line each on its standard input.

Belongs here: the words, once for the trainer that obeys them and for whoever sends them. Not here:
reading them (``autolut_training.report.control``) and sending them (``process.py``).
"""

from __future__ import annotations

from enum import StrEnum


class Command(StrEnum):
    """What a run obeys between its steps.

    ``STOP_AT_END`` makes the end of the input a stop too, so that no run outlives the program that
    started it. Without it the end of the input means nothing: a run that was started with its input
    closed, or from ``/dev/null``, continues.
    """

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    STOP_AT_END = "stop at end"
