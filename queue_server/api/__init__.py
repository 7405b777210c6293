"""The HTTP API: a blueprint for each kind of caller."""
