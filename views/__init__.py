"""Screens and REST: read the request, call one verb, show the result."""
