"""The factory: trains the towers, exports bundles. Needs torch: ``pip install ansa[factory]``."""
