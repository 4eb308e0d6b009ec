"""The specification, as pytest reads it."""
