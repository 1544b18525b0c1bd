"""Measures how good a bundle is: retrieval, zero-shot classification, tags, boxes, copies."""
