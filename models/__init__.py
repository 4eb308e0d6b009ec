"""The tables, one noun per file; a row answers questions about itself, it never decides."""
