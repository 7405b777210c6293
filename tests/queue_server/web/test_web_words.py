"""The pages' catalogues: complete, nothing unused, nothing asked for that is not there; and no page calls outside."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from queue_server.domain.model import WindowState
from queue_server.guides.model import Guide, Material, Place, Question, Step
from queue_server.web.i18n import FOLDER, LANGUAGES, SHARED, words

WEB = Path(__file__).parents[3] / "queue_server" / "web"
PAGES = sorted(path.stem for path in (FOLDER / "zh" / "LC_MESSAGES").glob("*.po") if path.stem != SHARED)
SOURCES = [path for path in WEB.rglob("*") if path.suffix in (".js", ".html", ".py")]
SOURCES += [WEB.parent / "domain" / "why.py", WEB.parent / "holders.py"]
EVERYTHING = "\n".join(path.read_text("utf-8") for path in SOURCES)
# the beginnings of keys that are put together: `stage.${phase}` in scripts, "window." ~ kind in templates
BUILT = re.findall(r"""[`"']([a-z.]+\.)(?:\$\{|["'] ~)""", EVERYTHING)


def places(sentence: str) -> list[str]:
    return sorted({name for _, name, _, _ in string.Formatter().parse(sentence) if name})


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_say_the_same_things(page: str):
    zh, en = (words(page, language) for language in LANGUAGES)
    assert set(zh) == set(en)
    for key in zh:
        assert zh[key] and en[key], key
        assert places(zh[key]) == places(en[key]), key


@pytest.mark.parametrize("page", PAGES)
def test_every_key_is_used(page: str):
    quoted = set(re.findall(r"""["'`]([\w.]+)["'`]""", EVERYTHING))
    unused = {key for key in words(page, "zh") if key not in quoted and not key.startswith(tuple(BUILT))}
    assert not unused


@pytest.mark.parametrize(
    ("page", "files"),
    [
        ("console", ["console.html", "main.js", "actions.js", "questions.js", "view.js"]),
        ("enter", ["enter.html", "enter.js"]),
        (
            "editor",
            ["editor.html"] + [f"{name}.js" for name in ("list", "guide", "life", "propose", "form", "diff", "work")],
        ),
        ("guide", ["guide_base.html", "guide.html", "guide_search.html"]),
    ],
)
def test_every_key_asked_for_is_there(page: str, files: list[str]):
    text = "\n".join(path.read_text("utf-8") for path in SOURCES if path.name in files)
    asked = {
        key for key in re.findall(r"""\bt\((?:[\w.() ]+\? *)?["']([\w.]+)["'](?! ~)""", text) if not key.endswith(".")
    }
    assert len(asked) > 8
    assert asked <= set(words(page, "zh"))


def test_what_is_said_of_states_and_sources_is_there():
    said = words("console", "zh")
    phases = ["idle", "called", "serving", "closed", "paused", "unknown"]
    assert {f"stage.{phase}" for phase in phases} <= set(said)
    assert {f"state.{state}" for state in WindowState if state is not WindowState.OPEN} <= set(said)
    models = (WEB.parent / "api" / "models.py").read_text("utf-8")
    for field, prefix in (("source", "source"), ("lang", "speaks")):
        for value in re.search(rf"    {field}: Literal\[(.*?)\]", models)[1].replace('"', "").split(", "):  # type: ignore[index]
            assert f"{prefix}.{value}" in said
    types = re.search(r"const TYPES = (.*?);\n", EVERYTHING, re.DOTALL)[1]  # type: ignore[index]
    for name in set(re.findall(r'"([a-z]+)"', types)) - {"reset", "issued", "alarm"}:
        assert f"last.ticket.{name}" in said


def test_the_editors_form_holds_every_field_and_names_it():
    source = (WEB / "static" / "editor" / "fields.js").read_text("utf-8")
    top, said = source[source.index("const GROUPS") : source.index("const TABLES")], words("editor", "zh")
    inner = source[source.index("const ENTRIES") : source.index("const FRESH")]
    lists = {"steps": Step, "materials": Material, "places": Place, "faq": Question}
    assert fields(top) | {"effective_from", "effective_to"} == set(Guide.model_fields)
    for name, model in lists.items():
        held = fields(re.search(rf"  {name}: (\[.*?\]),\n(?:  \w|\}})", inner, re.DOTALL)[1])  # type: ignore[index]
        assert held == set(model.model_fields), name
        assert {f"f.{name}.{field}" for field in held if not field.endswith("_en")} <= set(said)


def fields(source: str) -> set[str]:
    """The names that f(…) and both(…) are called with."""
    found = set(re.findall(r"\bf\(\"(\w+)\"", source))
    return found | {f"{name}{end}" for name in re.findall(r"both\(\"(\w+)\"", source) for end in ("", "_en")}


def test_nothing_is_loaded_from_elsewhere():
    for path in WEB.rglob("*"):
        if path.suffix in (".js", ".html", ".css"):
            found = re.findall(r"""(?:https?:)?//[\w-]+\.[\w.-]+""", path.read_text("utf-8"))
            assert found == [], f"{path.name} points outside"
