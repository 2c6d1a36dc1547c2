"""The packages of three folders: what ``pyproject.toml`` alone cannot say.

``packages.find`` knows no package whose name differs from its folder's, as that of ``luts/`` does.
"""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages("src"), *find_packages("training"), "napari_autolut.luts"],
    package_dir={
        "": "src",
        "autolut_training": "training/autolut_training",
        "napari_autolut.luts": "luts",
    },
)
