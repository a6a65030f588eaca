"""All words that are printed, one JSON file a language. A translator needs nothing but these files."""

from functools import cache
import json
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "nl", "de", "fr", "sv")


class Words:
    """The words of one language, by their key."""

    def __init__(self, language: str, told: dict[str, str]) -> None:
        self.language = language
        self._told = told

    def __call__(self, key: str, **figures: str) -> str:
        """Return the words of a key that there is, with figures in their places."""
        return self._told[key].format(**figures)

    def say(self, group: str, key: str) -> str:
        """Return the words of a key that comes with a statement; what nobody has words for is said as it is."""
        return self._told.get(f"{group}_{key}", key.replace("_", " "))


@cache
def words(language: str) -> Words:
    """Return the words of a language (BCP 47), else English. Reads a file once: never on the event loop."""
    spoken = language.partition("-")[0].lower()
    spoken = spoken if spoken in LANGUAGES else LANGUAGES[0]
    return Words(spoken, json.loads(Path(__file__).with_name(f"{spoken}.json").read_text(encoding="utf-8")))
