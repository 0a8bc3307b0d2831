"""Every string of the pages is there in every language, used, and the same in its parts."""

import re
from pathlib import Path
from typing import get_args

import pytest

from latently.explore.places.maps import HOW
from latently.studio import speech
from latently.studio.routes.mapping import How

ROOM = Path(speech.__file__).parent
SOURCES = [*(ROOM / "static").glob("*.js"), *ROOM.glob("*.py")]
FAMILIES = re.compile(r"[`'\"]([a-z]+\.)\$?\{")  # t(`room.${name}`), f"state.{...}"


def used():
    text = "\n".join(path.read_text("utf-8") for path in SOURCES)
    whole = set(re.findall(r"['\"`]([a-z]+\.[A-Za-z]+)['\"`]", text))
    return whole, set(FAMILIES.findall(text))


@pytest.mark.parametrize("language", [one for one in speech.LANGUAGES if one != "en"])
def test_no_language_misses_a_string(language):
    english, other = speech.strings("en"), speech.strings(language)
    assert english.keys() == other.keys()
    for key, text in english.items():
        assert other[key].strip(), key
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", other[key])), key


def test_every_string_that_is_said_is_known_and_every_known_one_is_said():
    known, (whole, families) = speech.strings("en"), used()
    prefixes = {key.partition(".")[0] + "." for key in known}
    said = {key for key in whole if key.partition(".")[0] + "." in prefixes}
    assert not {key for key in said if key not in known and not key.endswith((".js", ".py", ".json"))}
    unused = {key for key in known if key not in said and key.partition(".")[0] + "." not in families}
    assert not unused


@pytest.mark.parametrize("language", [one for one in speech.LANGUAGES if one != "en"])
def test_every_help_of_a_parameter_and_of_a_model_is_translated(language, client):
    declared = client.get("/api/declarations").json()["models"]
    said = {param["help"] for one in declared for param in one["params"]} | {one["about"] for one in declared}
    known = speech.helps(language)
    assert not said - known.keys() and not known.keys() - said
    assert all(text.strip() and text != english for english, text in known.items())
    first = client.get(f"/api/declarations?lang={language}").json()["models"][0]
    assert first["about"] == known[declared[0]["about"]]
    assert first["params"][0]["help"] == known[declared[0]["params"][0]["help"]]


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "found"),
    [("xx", None, "", "en"), (None, "ko", "en", "ko"), (None, None, "ko-KR,ko", "ko")],
)
def test_the_language_of_a_page(asked, kept, accepted, found):
    assert speech.language(asked, kept, accepted) == found


def test_every_way_of_a_map_can_be_asked_for_and_is_named():
    asked = re.search(r"const WAYS = \[(.+)\]", (ROOM / "static" / "map.js").read_text("utf-8"))
    assert asked is not None and tuple(re.findall(r"\w+", asked[1])) == get_args(How) == HOW
    assert all(f"map.{how}" in speech.strings(language) for how in HOW for language in speech.LANGUAGES)


def test_no_script_writes_markup_or_asks_elsewhere():
    for path in (ROOM / "static").glob("*.js"):
        text = path.read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text), path
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), path
