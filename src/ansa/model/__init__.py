"""Bundles and the networks in them: a photo to a scene, a text to a vector."""
