"""The factory: pretrains the towers, exports bundles. Needs torch: ``pip install ansa[factory]``."""
