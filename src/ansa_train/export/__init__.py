"""Towers to bundles: ONNX graphs, int8 weights, the manifest."""
