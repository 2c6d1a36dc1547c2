"""Several ways to enlarge the same image, compared view by view.

Lives here: methods, views of layers, differences and metrics of a comparison. Not here: windows
(``widgets.compare``) and the benchmark on folders (``evaluation``).
"""
