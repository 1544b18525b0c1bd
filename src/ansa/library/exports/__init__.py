"""For other programs."""
