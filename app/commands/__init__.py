"""Commands: `flask --app run portal ...`, one module for each that takes more than a line."""
