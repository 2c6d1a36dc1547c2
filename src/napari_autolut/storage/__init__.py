"""Models on disk: the model file, the catalogue of models, and published layouts.

Lives here: reading, writing, finding and importing models. Not here: what a valid model is
(``model``).
"""
