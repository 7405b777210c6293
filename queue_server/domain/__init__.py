"""The rules of the queue, pure: no clock, no input or output, nothing random."""
