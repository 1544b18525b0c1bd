"""Smaller and quicker networks: pruning, quantization, and the accuracy they cost."""
