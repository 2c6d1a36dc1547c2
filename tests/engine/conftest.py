"""Tests of engine/torch are left out where torch is not installed, which is an extra."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") else ["test_cascade.py", "test_torch.py"]
