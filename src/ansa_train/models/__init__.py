"""The networks: image and text encoders, teachers, and the weights they start from."""
