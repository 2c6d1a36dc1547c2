"""Training of look-up tables: requests in, model files out.

Lives here: everything that needs torch, but for ``napari_autolut.engine.torch``. Not here: what
docks and shell need of a training (``napari_autolut.training``).
"""

import os

# Threads that spin while they wait slow every other process down tenfold on a small machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
