"""Opinions of other networks, for heads to learn from; asked once and kept on disk."""
