"""Pretraining: the run that a recipe describes, from its photos to its checkpoint."""
