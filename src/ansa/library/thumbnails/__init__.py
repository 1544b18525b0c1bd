"""Small pictures of photos, and the bounded cache in which they are kept."""
