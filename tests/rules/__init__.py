"""The rules, read against the announcement, the guide and the published standards."""
