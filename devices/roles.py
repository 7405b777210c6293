"""What the rest of the house may ask of a device, whatever its model.

A device object is made once, opens its line when first asked, and lives as long as the program: unplugged and
plugged in again it is the same object. Calls may come from several threads; each device does one thing at a time.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from devices.health import HealthReport
from devices.paper.blocks import Document
from devices.sdt.card import Card
from devices.voice.calls import Call, Finished


@runtime_checkable
class Device(Protocol):
    """What every device can do."""

    def check(self) -> HealthReport:
        """How it is now. Opens the line if need be; never raises for what hardware does. May take a second."""

    def close(self) -> None:
        """Lets go of the line. The next call opens it again."""


@runtime_checkable
class TicketPrinter(Device, Protocol):
    """Prints and cuts a document."""

    def print(self, document: Document) -> None:
        """Returns when the printer has confirmed that the document is printed and cut; blocks for seconds.

        DeviceRefused and BadFrame before anything was sent, or DeviceRefused with the reason it stopped half way;
        DeviceOffline when it was not sent whole: in all these no whole ticket came out.
        JobInDoubt when it was sent whole and nobody confirmed it. It is never sent twice: that is the caller's choice.
        """


@runtime_checkable
class IdCardReader(Device, Protocol):
    """Tells that a card lies there; who it is only when asked."""

    def card_present(self) -> bool:
        """Whether a card lies there, and nothing about it. Blocks for up to 0.3 s, so that it can be called in a loop.

        DeviceOffline, DeviceSilent, BadFrame: try later. DeviceRefused: the reader is broken.
        """

    def read(self) -> Card:
        """Who it is: call it only after the citizen has agreed to the notice. Blocks for a second or two.

        CardUnreadable: ask the citizen to lift the card and lay it again; otherwise as card_present.
        """


@runtime_checkable
class CallSign(Device, Protocol):
    """Shows calls: a number and where to go."""

    @property
    def lines(self) -> int:
        """How many texts it shows one under another."""

    def at(self, address: int) -> CallSign:
        """Another sign of the same shape on the same line."""

    def show(self, text: str, area: int = 0) -> None:
        """Returns when the sign has confirmed; what it cannot draw becomes □. `area` counts its lines from the top.

        DeviceOffline, DeviceSilent, BadFrame: it is shown as soon as a check finds the sign back, unless something
        newer came. DeviceRefused with the reason. SetupError for an area the sign has not.
        """

    def clear(self) -> None:
        """Empties the sign; raises as `show` does."""


@runtime_checkable
class Voice(Device, Protocol):
    """Speaks calls, in the order they come."""

    def say(self, call: Call, finished: Finished | None = None) -> None:
        """Returns at once and raises nothing; the call takes its length, whether it can be heard or not.

        `finished` is called once for each call, in a thread of the voice's: after it was spoken, or given up because
        too many waited or the voice was closed.
        """

    def length(self, call: Call) -> float:
        """Seconds the call will take. May block for some seconds: not for a UI thread."""
