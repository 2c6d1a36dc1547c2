"""Training of look-up tables; the only package that imports torch."""
