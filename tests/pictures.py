"""Random images of any type, for the tests of whole images."""

import numpy as np

DTYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]
DTYPES += ["float16", "float32", "float64", ">u2", ">f4"]


def picture(shape, dtype="uint8", seed=0, top=200):
    """Noise from 0 to ``top``."""
    return np.random.default_rng(seed).uniform(0, top, shape).astype(dtype)
