"""The generator: one declaration for a model gives its screens, its API, its export and its
reference."""
