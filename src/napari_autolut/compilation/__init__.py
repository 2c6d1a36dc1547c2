"""How numba compiles kernels, where machine code is kept, and how vector code is written.

Lives here: what every package needs whose loops are compiled. It knows no tables and no images.
Not here: any kernel, which stands beside what it computes. ``under_way`` and ``process`` load no
numba.
"""
