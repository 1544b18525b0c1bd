"""What is said of a photo beside its pixels: in its file, in files beside it, in its name."""
