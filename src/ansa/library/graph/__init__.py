"""All of it as a graph that can be asked."""
