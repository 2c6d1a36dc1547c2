"""What a run tells: events, progress, previews, validation and estimates.

Lives here: everything a person or program sees of a run. Not here: the run itself (``loop``).
"""
