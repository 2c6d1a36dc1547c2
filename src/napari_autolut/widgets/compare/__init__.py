"""The Compare dock and its window of linked views.

Lives here: canvas, bar, overlays, magnifier, export. Not here: what is computed (``comparison``).
"""
