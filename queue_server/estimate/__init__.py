"""How long people will wait: a range learnt from the log and replayed from the hall as it is now."""
