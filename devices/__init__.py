"""Hardware of a hall terminal: roles, drivers, simulators; imports nothing of ours outside itself."""
