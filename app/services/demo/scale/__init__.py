"""A register of national size, written in bulk into an empty database: for measuring, not for
reading the story."""
