"""The engine in torch operations, for CUDA cards; imported on request.

Lives here: the only code outside ``autolut_training`` that imports torch. Not here: training.
"""
