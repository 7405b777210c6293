"""Ticket printers that speak ESC/POS, 80 and 58 mm."""
