"""How good the towers are: retrieval, zero-shot classification."""
