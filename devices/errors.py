"""What can go wrong with a device, named by what to do about it."""

from __future__ import annotations


class DeviceError(Exception):
    """Base of them all; the text is one sentence a hall's technician understands."""


class DeviceOffline(DeviceError):
    """Try later: not plugged in, line cut, port in use. What was asked has not been done."""


class DeviceSilent(DeviceOffline):
    """Try later: the line is open, but nothing answers."""


class BadFrame(DeviceError):
    """Drop it and ask again: what came over the line makes no sense (noise, wrong speed, wrong model)."""


class DeviceRefused(DeviceError):
    """Fetch a person: the device says it cannot, for `reason` ("paper out", "cover open", …)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class JobInDoubt(DeviceError):
    """Ask the citizen: the whole job was sent, but nothing confirmed it. It may or may not be on paper."""


class SetupError(DeviceError):
    """Change the set-up: unknown model, address or option, missing package. The text says what to write instead."""
