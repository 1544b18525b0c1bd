"""Duplicates and clutter."""
