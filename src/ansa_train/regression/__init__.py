"""Regression sets: cases with the answer that must hold, and the gate that asks them of bundles."""
