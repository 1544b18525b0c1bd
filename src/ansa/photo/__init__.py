"""Reads photo files: their format, their pixels and their metadata."""
