"""What people tell a library, and what it learns from that."""
