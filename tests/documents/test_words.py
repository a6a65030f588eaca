"""Every word that is printed is there in every language, and says what the others say."""

import json
from pathlib import Path
import re
from string import Formatter

import pytest

from custom_components.smart_evse.documents import words as room
from custom_components.smart_evse.documents.words import LANGUAGES, words
from custom_components.smart_evse.engine.statements import figures
from custom_components.smart_evse.engine.statements.charged import Valuation
from custom_components.smart_evse.engine.statements.credit import CREDIT_NOTE
from custom_components.smart_evse.engine.statements.fees import ADMINISTRATION, MILES
from custom_components.smart_evse.engine.statements.model import Certification, Evidence, StatementKind
from custom_components.smart_evse.engine.statements.presets import PRESETS
from custom_components.smart_evse.engine.tariffs.model import Dimension, Source

ROOM = Path(room.__file__).parent
TOLD = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in ROOM.glob("*.json")}

NOTES = {note for preset in PRESETS.values() for note in preset.notes}
NOTES |= {note for preset in PRESETS.values() for method in preset.methods for note in method.notes}
NOTES |= {CREDIT_NOTE, "estimated", "parts", "provisional", "rounding", "certification", "evidence"}
FIGURES = {figures.DE_FLAT, *figures.BE_CAP.values(), figures.UK_HOME, figures.UK_PUBLIC, figures.CONTRACT}
FIGURES |= {
    figures.MONTH_AVERAGE,
    figures.BASE_FEE,
    figures.HOUSEHOLD,
    figures.PER_KWH,
    figures.PER_CENT,
    figures.PER_DRIVER,
}
LINES = {*Dimension, *MILES.values(), ADMINISTRATION, "base_fee", "bound", "subscription"}


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_there_is_a_file_for_each_language_and_no_other() -> None:
    assert set(TOLD) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_keys_and_places(language: str) -> None:
    assert {key: places(told) for key, told in TOLD[language].items()} == {
        key: places(told) for key, told in TOLD["en"].items()
    }
    assert list(TOLD[language]) == list(TOLD["en"])
    assert all(told.strip() == told and told for told in TOLD[language].values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_a_statement_may_say_has_words(language: str) -> None:
    asked = {f"note_{key}" for key in NOTES} | {f"fact_{key}" for key in FIGURES} | {f"what_{key}" for key in LINES}
    asked |= {f"what_{Dimension.ENERGY}_{source}" for source in Source} | {f"title_{kind}" for kind in StatementKind}
    asked |= {f"intro_{preset}" for preset in PRESETS} | {f"value_{key}" for key in Valuation}
    asked |= {f"certification_{each}" for each in Certification} | {f"evidence_{each}" for each in Evidence}
    assert sorted(asked - set(TOLD[language])) == []


def test_languages_say_it_in_their_own_words() -> None:
    sentences = {key for key, told in TOLD["en"].items() if len(told) > 25}
    for language in set(LANGUAGES) - {"en"}:
        assert not [key for key in sentences if TOLD[language][key] == TOLD["en"][key]]


@pytest.mark.parametrize(("asked", "spoken"), [("de-AT", "de"), ("nl", "nl"), ("nb", "en"), ("EN-gb", "en")])
def test_a_language_nobody_has_written_is_english(asked: str, spoken: str) -> None:
    assert words(asked).language == spoken


def test_what_nobody_has_words_for_is_said_as_it_is() -> None:
    assert words("de").say("what", "car_wash") == "car wash"
    assert words("de").say("what", "idle") == "Standzeit ohne Laden"


def test_all_words_that_the_code_asks_for_are_there() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in ROOM.parent.rglob("*.py"))
    asked = set(re.findall(r'told\(\s*"([a-z_]+)"', code))
    assert asked
    assert sorted(asked - set(TOLD["en"])) == []


def test_no_sentence_claims_what_nobody_has_looked_at() -> None:
    """Whose car it was and whether a base fee is in it depends on what the owner told."""
    told = words("en")
    assert told("note_be_company_car_only").endswith("may be claimed.")
    assert "only where it is listed" in told("note_de_contract_price")
