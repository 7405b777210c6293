"""Reads the catalogue as people write it: a folder with tables.toml, shared.toml and one file a department.

In a department's file a guide says only what is its own: the rest comes from [defaults], the item code is composed,
materials are named once under [materials.NAME] (or in shared.toml, for all departments) and used by name, and places
stand once for all guides. Unknown keys are errors with a suggestion, and every fault names file and guide.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.loader import ConfigError, Keys, faults_in, load
from config.schema import Settings, setting
from queue_server.guides import codes
from queue_server.guides.model import Code, Guide, Place, Tables

TABLES = "tables.toml"
SHARED = "shared.toml"
OWN = {"number", "option", "item", "line"}  # keys of a written guide that are not a Guide's, but make some of it

Values = dict[str, Any]


class Shared(Settings):
    """shared.toml: materials every department may use by name."""

    materials: dict[Code, Values] = setting({}, note="name -> material")


class DepartmentFile(Settings):
    """One department's guides, as written."""

    department: Code = setting(note="table departments")
    level: Code = setting("city", note="table levels")
    effective_from: date = setting(note="first day these guides hold")
    defaults: Values = setting({}, note="keys of a guide, for every guide of this file that does not say otherwise")
    materials: dict[Code, Values] = setting({}, note="name -> material, used by name in `materials` of a guide")
    places: tuple[Place, ...] = setting((), note="where all of it is done", strict=False)
    guides: tuple[Values, ...] = setting((), note="the guides", strict=False)


@dataclass(frozen=True, slots=True)
class Written:
    """A guide and the file it was written in."""

    file: Path
    guide: Guide


def load_tables(folder: Path) -> Tables:
    """Raises ConfigError."""
    return load(folder / TABLES, Tables)


def load_folder(folder: Path) -> tuple[Tables, list[Written]]:
    """All guides of a folder, files in order of name. Raises ConfigError with the faults of the first bad file."""
    tables = load_tables(folder)
    shared = load(folder / SHARED, Shared) if (folder / SHARED).exists() else Shared()
    files = sorted(file for file in folder.glob("*.toml") if file.name not in (TABLES, SHARED))
    written = [Written(file, guide) for file in files for guide in load_file(file, tables, shared)]
    _one_code_each(written)
    return tables, written


def load_file(file: Path, tables: Tables, shared: Shared) -> list[Guide]:
    """One department's guides. Raises ConfigError."""
    source = load(file, DepartmentFile)
    if source.department not in tables.departments:
        known = ", ".join(tables.departments)
        raise ConfigError(file, [f"department: {source.department!r} is not in {TABLES}; known: {known}"])
    composer = _Composer(source, tables, {**shared.materials, **source.materials})
    guides, faults = [], []
    for at, raw in enumerate(source.guides):
        try:
            guides.append(composer.guide(raw))
        except _Fault as fault:
            name = raw.get("name", f"number {at + 1}")
            faults += [f"guides.{name}: {one}" for one in fault.words]
    if faults:
        raise ConfigError(file, faults)
    return guides


def _one_code_each(written: list[Written]) -> None:
    seen: dict[str, Written] = {}
    for one in written:
        other = seen.setdefault(one.guide.code, one)
        if other is not one:
            raise ConfigError(
                one.file,
                [
                    f"guides.{one.guide.name}: {other.guide.name} ({other.file.name}) has the same type, number and "
                    f"option; give this one another number"
                ],
            )


class _Fault(Exception):
    def __init__(self, *words: str) -> None:
        super().__init__(*words)
        self.words = words


class _Composer:
    """Makes whole guides of what is written in one file."""

    def __init__(self, source: DepartmentFile, tables: Tables, materials: dict[str, Values]) -> None:
        self._source, self._tables, self._materials = source, tables, materials

    def guide(self, raw: Values) -> Guide:
        """Raises _Fault."""
        values = {**self._source.defaults, **raw}
        unknown = [key for key in values if key not in self._keys()]
        if unknown:
            raise _Fault(*(f"{key}: unknown key{self._meant(key)}" for key in unknown))
        whole = {
            "department": self._source.department,
            "level": self._source.level,
            "effective_from": self._source.effective_from,
            **{key: value for key, value in values.items() if key not in OWN},
            "code": self._code(values),
            "places": self._places(values),
            "materials": [self._material(one) for one in values.get("materials", ())],
        }
        try:
            return Guide.model_validate(whole)
        except ValidationError as error:
            raise _Fault(*faults_in(error, Guide, lambda keys: _by_name(keys, whole))) from error

    @staticmethod
    def _keys() -> set[str]:
        return (set(Guide.model_fields) - {"code"}) | OWN

    def _meant(self, key: str) -> str:
        near = difflib.get_close_matches(key, self._keys(), n=1)
        return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(sorted(self._keys()))}"

    def _code(self, values: Values) -> str:
        number, option = values.get("number", ""), values.get("option", "")
        if not _digits(number, 8):
            raise _Fault("number: expected 8 digits in quotes, 5 of the item and 3 of the sub-item, such as '17001000'")
        if option and not _digits(option, 2):
            raise _Fault(f"option: expected 2 digits in quotes, found {option!r}")
        return codes.compose(
            self._tables.departments[self._source.department].credit_code,
            _known(self._tables.levels, "level", values.get("level", self._source.level)).code,
            self._tables.issuer,
            _known(self._tables.types, "type", values.get("type")).code,
            number,
            option,
        )

    def _places(self, values: Values) -> list[Any]:
        """The guide's own places or the file's; its queue item and line hold where there is a queue."""
        queue = {key: values[key] for key in ("item", "line") if key in values}
        places = values.get("places") or [place.model_dump(exclude_unset=True) for place in self._source.places]
        return [{**queue, **place} if isinstance(place, dict) and place.get("hall") else place for place in places]

    def _material(self, one: Any) -> Any:
        """A name, a table with `use` = a name and what differs, or a whole table."""
        if isinstance(one, str):
            return self._named(one)
        if isinstance(one, dict) and "use" in one:
            named, own = self._named(one["use"]), {key: value for key, value in one.items() if key != "use"}
            # English that belongs to a Chinese text which is no longer there would say something else
            return {**named, **{f"{key}_en": "" for key in own if f"{key}_en" in named}, **own}
        return one

    def _named(self, name: Any) -> Values:
        if name not in self._materials:
            near = difflib.get_close_matches(str(name), self._materials, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(self._materials)}"
            raise _Fault(f"materials: no material is called {name!r}; {hint}")
        return self._materials[name]


def _digits(text: Any, length: int) -> bool:
    return isinstance(text, str) and len(text) == length and text.isascii() and text.isdigit()


def _known(table: dict[str, Any], key: str, code: Any) -> Any:
    if code not in table:
        near = difflib.get_close_matches(str(code), table, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(table)}"
        raise _Fault(f"{key}: {code!r} is not in {TABLES}; {hint}")
    return table[code]


def _by_name(keys: Keys, whole: Values) -> Keys:
    """materials.2.form as materials.户口簿.form."""
    if len(keys) < 2 or keys[0] not in ("materials", "places") or not isinstance(keys[1], int):
        return keys
    entry = whole[str(keys[0])][keys[1]]
    name = entry.get("name") if isinstance(entry, dict) else None
    return (keys[0], name, *keys[2:]) if isinstance(name, str) else keys
