"""Importers for published table layouts."""
