"""Docks: wiring between forms, layers and workers; no arithmetic."""
