"""Bundles and their networks, which turn a photo into a scene and a text into a vector."""
