"""The rules of registration: facts in, verdict out, with no clock, no database and no library."""
