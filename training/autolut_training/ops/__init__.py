"""Differentiable operations: sampling and look-up, on CPU and CUDA.

Lives here: forward and backward kernels. Not here: modules with parameters (``models``).
"""
