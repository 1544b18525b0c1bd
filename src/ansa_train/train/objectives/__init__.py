"""Objectives: from features and vectors of a batch to named losses."""
