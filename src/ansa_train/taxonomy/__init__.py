"""Builds the tree of tags from our own list of concepts, WordNet and the classes of ImageNet."""
