"""Training of look-up tables; the only package that imports torch."""

import os

# Threads that spin while they wait slow every other process down tenfold on a small machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
