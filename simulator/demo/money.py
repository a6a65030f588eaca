"""The demo's money: what drivers pay, who sends invoices and who gets them, and the statements of the month."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .backfill import DRIVERS
from .bank import KEY
from .client import Client, Json
from .site import Site

_EMPLOYEE, _NEIGHBOUR = DRIVERS.values()

_TARIFF: Final[Mapping[str, Json]] = {
    "user": {"next_step_id": "sun_and_grid"},
    "sun_and_grid": {"name": "Sun and grid", "grid_price": 0.34, "sun_price": 0.16},
    "terms": {"vat": 21},
    "preview": {"answer": "right"},
    "example": {"answer": "right"},
}
_SENDER: Final[Json] = {
    "name": "Olle Owner",
    "address": "Gracht 5",
    "postcode": "1000 AA",
    "city": "Amsterdam",
    "country": "NL",
    "contact": "olle@example.com",
    "vat_number": "NL001234567B01",
    "bank_account": "NL91ABNA0417164300",
    "number_prefix": "EV-",
    "stripe_key": KEY,
}
_COMPANY: Final[Json] = {
    "preset": "invoice",
    "name": "Works BV",
    "address": "Haven 12",
    "postcode": "3011 AB",
    "city": "Rotterdam",
    "country": "NL",
    "reference": "Staff 0815",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A statement that was made: its number, what it comes to, and links to its files."""

    number: str | None
    total: float
    sum_of_sessions: float
    links: tuple[str, ...]


async def add_money(site: Site) -> None:
    """Answer the questions about tariffs, senders and recipients."""
    people = await site.client.ask("smart_evse", "list_people")
    employee = next(each["id"] for each in people["drivers"] if each["name"] == _EMPLOYEE)
    # Drivers are only known while the site runs, and each of these lets it begin anew.
    await site.add("recipient", {}, {**_COMPANY, "drivers": [employee]})
    await site.add("issuer", {}, _SENDER)
    await site.add("tariff", _TARIFF)


async def state(client: Client) -> list[Stated]:
    """Make an e-invoice for whom a company pays, and a PDF for the neighbour, of the month that is over."""
    wanted = ((_EMPLOYEE, "e_invoice"), (_NEIGHBOUR, "pdf"))
    return [await _state(client, driver, form) for driver, form in wanted]


async def _state(client: Client, driver: str, form: str) -> Stated:
    made = await client.ask(
        "smart_evse", "create_statement", preset="invoice", driver=driver, period="last_month", formats=[form]
    )
    return Stated(
        number=made["number"],
        total=made["total"],
        sum_of_sessions=round(sum(session["gross"] for session in made["sessions"]), 2),
        links=tuple(file["url"] for file in made["files"]),
    )


async def look_at_statements(client: Client) -> tuple[Json, list[str]]:
    """Make statements and return them in a few figures, with what is wrong with them."""
    made = await state(client)
    files = [await client.download(link) for each in made for link in each.links]
    figures = {
        "statements": [each.number for each in made],
        "total": round(sum(each.total for each in made), 2),
        "files": [len(content) for content in files],
    }
    wrong = {
        "a statement has no number": any(each.number is None for each in made),
        "a statement is about nothing": any(each.total <= 0 for each in made),
        "a total is not the sum of what is shown": any(each.total != each.sum_of_sessions for each in made),
        "a statement has no document": not files or any(not content.startswith(b"%PDF") for content in files),
    }
    return figures, [text for text, is_so in wrong.items() if is_so]
