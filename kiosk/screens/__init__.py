"""One screen, two files, one name: the Python behaves, the KV looks."""
