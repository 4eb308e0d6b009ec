"""Reads: what screens, exports and services need to know, in as few statements as it takes."""
