"""Labels of photos: classes, concepts, prompts and targets."""
