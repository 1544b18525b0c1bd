"""Slices: how good a bundle is under each condition of use, and where it falls behind."""
