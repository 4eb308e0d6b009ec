"""The job's screens and verbs, as people and programs meet them."""
