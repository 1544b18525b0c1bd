"""Teachers: outputs of other networks for heads to learn from, cached on disk."""
