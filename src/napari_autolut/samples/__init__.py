"""Images to try the plugin on, under File > Open Sample: small, free, and never downloaded.

Lives here: the images, opening them, and how they were made. napari opens samples in the thread of
its window: ``opening`` reads a file of a few hundred kilobytes and imports next to nothing.
``making`` needs scikit-image and scipy, and is run by hand.
"""
