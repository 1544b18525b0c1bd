"""Keeps a library up to date with folders, as long as it runs."""
