"""What the owner of a library likes: marks, and the order learned from them."""
