"""What photos are labelled with: classes, concepts, prompts and targets."""
