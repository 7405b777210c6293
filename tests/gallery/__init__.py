"""Pictures of every screen and state, for people to look at."""

import tests.kiosk.alone  # noqa: F401 - prepares Kivy before anything here imports it
