"""Isotropic stacks: the slices that a stack lacks, by a table learned on its own slices.

Lives here: factors, axial blur, learning, tables and their files, and stacks of arrays, layers and
files. Not here: Qt (``widgets.isotropic``) and tables for rows and columns (``model``). ``files``
loads all of ``io`` and is imported where it is needed, so that the dock opens at once.
"""

from napari_autolut.isotropic.arrays import (
    IsotropicWarning,
    learn_axial_tables,
    make_isotropic,
    warn_of_tables,
)
from napari_autolut.isotropic.blur import AxialBlur
from napari_autolut.isotropic.plan import IsotropicPlan, plan_steps
from napari_autolut.isotropic.sampling import Sampling, sampling_of
from napari_autolut.isotropic.table import AxialTable
from napari_autolut.isotropic.table_file import load_axial_tables, save_axial_tables

__all__ = [
    "AxialBlur",
    "AxialTable",
    "IsotropicPlan",
    "IsotropicWarning",
    "Sampling",
    "learn_axial_tables",
    "load_axial_tables",
    "make_isotropic",
    "plan_steps",
    "sampling_of",
    "save_axial_tables",
    "warn_of_tables",
]
