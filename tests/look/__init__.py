"""How pages are built, checked without a browser."""
