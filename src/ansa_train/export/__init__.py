"""Exports towers as bundles: ONNX graphs, int8 weights, the manifest."""
