"""Drawing: facts in, bytes out; nothing here reads a database, a clock or a request."""
