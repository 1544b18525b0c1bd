"""Reads a photo's metadata: from its file, from files beside it and from its name."""
