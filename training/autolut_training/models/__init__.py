"""What is trained: tables, networks, and how they become a LUT model.

Lives here: architectures as data and torch modules of them. Not here: operations (``ops``).
"""
