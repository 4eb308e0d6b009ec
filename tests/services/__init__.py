"""The verbs of the portal, on both databases."""
