"""A demonstration by the real services: accounts, a roster of about 500, and cases
in every state."""
