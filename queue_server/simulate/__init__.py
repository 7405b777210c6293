"""A hall's day on paper: what a rule of who is next does to everybody's wait, decided by the same `dispatch`."""
