"""What screens and services read, on both databases."""
