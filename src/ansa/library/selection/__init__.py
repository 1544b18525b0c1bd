"""The photos worth showing."""
