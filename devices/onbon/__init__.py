"""LED signs with an Onbon BX-4K / 5K / 6K font card."""
