"""From a folder to stored signals."""
