"""Groups of commands: `flask --app run portal GROUP ...`."""
