"""Searches a library: from words to photos."""
