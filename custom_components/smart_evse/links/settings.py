"""Values out of a configuration, which keeps them without a type."""

from collections.abc import Mapping

from .errors import Unusable

type Settings = Mapping[str, object]
"""What was answered when a device was added."""


def text(settings: Settings, key: str) -> str:
    """Return a text that has to be there."""
    value = optional_text(settings, key)
    if value is None:
        raise Unusable(f"{key} is missing")
    return value


def optional_text(settings: Settings, key: str) -> str | None:
    value = settings.get(key)
    return value if isinstance(value, str) and value else None


def whole(settings: Settings, key: str, default: int) -> int:
    """Return a whole number; forms hand it over as a float, and some choices as a text."""
    value = settings.get(key)
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unusable(f"{key} is no number")
    try:
        return int(float(value))
    except (ValueError, OverflowError) as err:
        raise Unusable(f"{key} is no number") from err


def number(settings: Settings, key: str, default: float) -> float:
    value = settings.get(key)
    return default if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def flag(settings: Settings, key: str) -> bool:
    return settings.get(key) is True


def texts(settings: Settings, key: str) -> Mapping[str, str]:
    """Return the texts of a mapping inside, by their name."""
    return {name: value for name, value in inside(settings, key).items() if isinstance(value, str) and value}


def inside(settings: Settings, key: str) -> Settings:
    """Return a mapping inside; an empty one when there is none."""
    value = settings.get(key)
    return value if isinstance(value, Mapping) else {}
