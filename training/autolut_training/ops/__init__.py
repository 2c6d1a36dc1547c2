"""Differentiable operations: sampling, look-up and dense layers, on CPU and CUDA.

Lives here: forward and backward kernels. Not here: modules with parameters (``models``).
"""
