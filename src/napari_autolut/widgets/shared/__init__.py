"""Parts that several docks use: forms, workers, pickers, run bar.

Lives here: Qt parts that know no single dock. Not here: docks and models' own widgets.
"""
