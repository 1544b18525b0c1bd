"""The networks: image and text encoders, and the weights they start from."""
