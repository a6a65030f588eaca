"""Tells on Home Assistant's bus what happened to statements: with the driver's id, and without any name."""

from typing import Final

from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .ledger import Ledger, StatementsBook
from .statement_figures import Stated, StatementFigures, changes
from .statement_span import name_of_span

EVENT: Final = f"{DOMAIN}_statement"


def read_statements(ledger: Ledger) -> StatementFigures:
    """Read what is to be seen of statements. It waits for a disk."""
    found = StatementsBook(ledger).statements()
    return StatementFigures(
        all={
            one.id: Stated(
                id=one.id,
                called=one.number or name_of_span(one.since, one.until, ledger.zone),
                number=one.number,
                kind=one.kind,
                preset=one.preset,
                state=one.state,
                driver=one.driver,
                since=one.since,
                until=one.until,
                currency=one.currency,
                total=one.total,
                received=one.received,
                open=one.open,
                corrects=one.corrects,
            )
            for one in found
        }
    )


@callback
def tell_changes(hass: HomeAssistant, site: str, before: StatementFigures, after: StatementFigures) -> None:
    """Fire an event for each thing that happened in between."""
    for what, one in changes(before.all, after.all):
        hass.bus.async_fire(
            EVENT,
            {
                "type": what,
                "site": site,
                "statement": one.id,
                "number": one.number,
                "kind": one.kind.value,
                "preset": one.preset,
                "state": one.state.value,
                "driver": one.driver,
                "total": float(one.total),
                "received": float(one.received),
                "open": float(one.open),
                "currency": one.currency,
                "since": one.since.isoformat(),
                "until": one.until.isoformat(),
                "corrects": one.corrects,
            },
        )
