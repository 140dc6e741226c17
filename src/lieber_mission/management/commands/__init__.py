"""One module a command; each holds a `Command`."""
