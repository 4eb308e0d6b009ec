"""Who may see and write what: attacks on the scope, the doors and the sign-in."""
