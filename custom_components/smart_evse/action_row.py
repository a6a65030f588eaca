"""What a row of a table of actions says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from homeassistant.core import ServiceCall
from homeassistant.helpers.typing import VolDictType
from homeassistant.util.json import JsonObjectType

from .coordinator import SiteCoordinator
from .targets import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action: its name, its fields, what it does to each connector and what is asked before.

    One that `answers` does so for who asks.
    """

    name: str
    fields: VolDictType
    do: Callable[[Target, ServiceCall], Awaitable[JsonObjectType | None]]
    check: Callable[[Target, ServiceCall], None] = lambda _target, _call: None
    answers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An action that changes nothing: its name, its fields, and what it answers of each connector."""

    name: str
    fields: VolDictType
    tell: Callable[[Target, ServiceCall], Awaitable[JsonObjectType]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAction:
    """An action on a whole site, which a field names.

    One that `answers` is called for its answer, one that `may_answer` does something that is worth a word.
    """

    name: str
    fields: VolDictType
    do: Callable[[SiteCoordinator, ServiceCall], Awaitable[JsonObjectType | None]]
    answers: bool = False
    may_answer: bool = False
