"""What networks learn from: shards of photos, the words they are described by, augmentation."""
