"""A voice pack, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.voice import builder
from devices.voice.espeak import Espeak


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("voice") / "pack"
    builder.build(folder, Espeak(), lambda _: None)
    return folder
