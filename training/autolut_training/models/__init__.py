"""What is trained: tables, networks, and how they become a LUT model.

Lives here: torch modules of architectures. Not here: architectures as data (``settings``), and
operations (``ops``).
"""
