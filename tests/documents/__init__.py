"""Tests of what is drawn and of which pictures are accepted."""
