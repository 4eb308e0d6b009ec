"""The verbs: the only code that changes state, one transaction and its event each."""
