"""Choosing a model: picker, list to search in, card, and buttons for user models.

Lives here: every widget that shows models. Not here: where models are found (``storage``).
"""
