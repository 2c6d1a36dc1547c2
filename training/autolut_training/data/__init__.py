"""Training data: HR planes, LR planes, degradations and crops.

Lives here: everything from image files to batches. Not here: models and the loop.
"""
