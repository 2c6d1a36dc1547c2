"""The Denoise dock: the noise of images, found or set, and images without it.

Lives here: wiring of that dock. Not here: what noise is and how it is taken away (``noise``,
``denoising``), and what docks that make layers share (``layer_dock``).
"""
