"""What a voice's URL opens.

aplay://default           a sound device by its ALSA name (aplay -L lists them): aplay://plughw:CARD=Device
wav:///folder             NNNN.wav and NNNN.txt (its words) for each call; wav:///folder?pace=0 does not wait
null://                   nowhere; null://?pace=0 does not wait
socket://host:port, /dev/…    the line to a far loudspeaker or to `simulate voice`
sim://voice?device=absent     the simulator in this process; &out=DIR keeps what it hears (registry.py)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from devices.errors import SetupError
from devices.transport import Line, check_url, open_line
from devices.voice.outs import Aplay, Nowhere, Out, WavFolder

LOCAL = ("aplay", "wav", "null")
PACE = {"0": False, "1": True}


def opener(url: str, **line_options: Any) -> Callable[[], Out | Line]:
    """What opens it each time; nothing is opened yet. SetupError for what can never be an address of a voice.

    `line_options` are those of transport.open_line; they mean nothing to an out of this machine.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in LOCAL:
        check_url(url)
        return partial(open_line, url, **line_options)
    place, _, query = rest.partition("?")
    options = dict(parse_qsl(query))
    paced = PACE.get(options.pop("pace", "1"))
    if options or paced is None or (scheme == "aplay" and query):
        raise SetupError(f'"{url}": only ?pace=0 may follow, after wav:///folder and null://')
    if scheme == "aplay" and place:
        return partial(Aplay, place)
    if scheme == "wav" and place.startswith("/"):
        return partial(WavFolder, Path(unquote(place)), paced)
    if scheme == "null" and not place:
        return partial(Nowhere, paced)
    raise SetupError(f'"{url}" is no address of a voice; write aplay://default, wav:///folder or null://')
