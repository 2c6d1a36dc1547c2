"""The Upscale dock: options, preview lens, and running again.

Lives here: wiring of that dock. Not here: plans and results of layers (``layers``).
"""
