"""One training run: schedule, steps, checkpoints, several processes.

Lives here: what happens in which order. Not here: what a step computes (``models``, ``ops``).
"""
