"""Where a hall is kept: SQLite through one writer, and all SQL."""
