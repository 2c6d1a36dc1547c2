"""napari layers: from a layer to an array with axes, and from a result to a layer.

Lives here: axes, world geometry, plans, estimates, provenance and previews of layers. Not here: Qt
(``widgets``) and the computation on arrays (``arrays``).
"""
