"""Bundles damaged in every way there is, thousands of them: `python -m tests.fuzz 20000`."""
