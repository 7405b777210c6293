"""What stands on paper and how it is laid out, whatever prints it."""
