"""Training data: shards of photos, their labels and captions, augmentation, caches."""
