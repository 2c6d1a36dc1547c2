"""Small things that know nothing of images: boxes, atomic writes, locks, error messages.

Lives here: what several packages need and none owns. Not here: anything that imports another
package of napari_autolut.
"""
