"""Captioned and labelled photos, in the formats people have, into WebDataset shards."""
