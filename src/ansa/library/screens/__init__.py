"""Crops and wallpapers."""
