"""What tests stand on: databases, the running portal, a browser."""
