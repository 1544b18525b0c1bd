"""What the factory learns from: shards of photos, the words they are described by, augmentation."""
