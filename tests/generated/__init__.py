"""The generated screens and the generated API."""
