"""Measurements against peers in the same run: ratios, never milliseconds of one machine."""
