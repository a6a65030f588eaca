"""How far a statement has come, and what takes one back."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.statements.credit import credit_note, needs_credit_note
from custom_components.smart_evse.engine.statements.errors import IllegalStep
from custom_components.smart_evse.engine.statements.make import make
from custom_components.smart_evse.engine.statements.model import StatementState
from custom_components.smart_evse.engine.statements.states import EventKind, Standing, StatementEvent, after, following

from .house import at, charged, quarters, wanted

NOON = at("2026-04-02T12:00")
TEN = Standing(total=Decimal("10.00"))


def event(kind: EventKind, amount: str | None = None, reference: str | None = None) -> StatementEvent:
    return StatementEvent(
        statement="s1",
        kind=kind,
        at=NOON,
        amount=None if amount is None else Decimal(amount),
        provider="bank" if reference else None,
        reference=reference,
    )


def story(*events: StatementEvent, start: Standing = TEN) -> Standing:
    standing = start
    for one in events:
        standing = after(standing, one)
    return standing


SENT, PAID, CANCELLED = event(EventKind.SENT), event(EventKind.PAID), event(EventKind.CANCELLED)


def test_sent_and_paid() -> None:
    assert (TEN.state, TEN.open) == (StatementState.OPEN, 10)
    sent = after(TEN, SENT)
    assert (sent.state, sent.open, sent.sent_at) == (StatementState.SENT, 10, NOON)
    paid = after(sent, PAID)
    assert (paid.state, paid.open, paid.received) == (StatementState.PAID, 0, 10)
    assert after(paid, SENT).state is StatementState.PAID


def test_paid_in_parts() -> None:
    half = story(SENT, event(EventKind.PAYMENT, "4.00", "a"))
    assert (half.state, half.open) == (StatementState.SENT, 6)
    whole = after(half, event(EventKind.PAYMENT, "6.00", "b"))
    assert (whole.state, whole.open) == (StatementState.PAID, 0)
    more = after(whole, event(EventKind.PAYMENT, "1.00", "c"))
    assert (more.state, more.open) == (StatementState.PAID, -1)
    assert after(more, event(EventKind.REFUND, "1.00", "d")).open == 0


def test_told_twice_it_happened_once() -> None:
    once = story(event(EventKind.PAYMENT, "4.00", "a"))
    assert after(once, event(EventKind.PAYMENT, "4.00", "a")) is once
    assert after(once, event(EventKind.PAYMENT, "4.00")).open == 2


def test_a_refund_is_a_gift_and_a_reversal_is_not() -> None:
    paid = story(SENT, event(EventKind.PAYMENT, "10.00", "a"))
    gift = after(paid, event(EventKind.REFUND, "10.00", "b"))
    assert (gift.state, gift.open, gift.received, gift.refunded) == (StatementState.PAID, 0, 0, 10)
    bounced = after(paid, event(EventKind.REVERSED, "10.00", "b"))
    assert (bounced.state, bounced.open, bounced.paid_at) == (StatementState.SENT, 10, None)
    assert after(bounced, PAID).state is StatementState.PAID


def test_what_was_paid_is_owed_back_when_it_is_cancelled() -> None:
    assert story(CANCELLED).open == 0
    cancelled = story(event(EventKind.PAYMENT, "10.00", "a"), CANCELLED)
    assert (cancelled.state, cancelled.open) == (StatementState.CANCELLED, -10)
    back = after(cancelled, event(EventKind.REFUND, "10.00", "b"))
    assert (back.state, back.open) == (StatementState.CANCELLED, 0)
    late = story(CANCELLED, event(EventKind.PAYMENT, "10.00", "a"))
    assert (late.state, late.open) == (StatementState.CANCELLED, -10)


def test_who_is_owed_something_is_paid_out() -> None:
    """Prices were below nothing: the issuer pays."""
    owed = Standing(total=Decimal("-3.00"))
    assert owed.open == -3
    paid = after(owed, event(EventKind.REFUND, "3.00", "a"))
    assert (paid.state, paid.open) == (StatementState.PAID, 0)
    with pytest.raises(IllegalStep):
        after(paid, event(EventKind.REFUND, "0.01", "b"))


@pytest.mark.parametrize(
    ("before", "step"),
    [
        ((CANCELLED,), SENT),
        ((CANCELLED,), PAID),
        ((CANCELLED,), CANCELLED),
        ((PAID,), PAID),
        ((), event(EventKind.REFUND, "1.00")),
        ((), event(EventKind.REVERSED, "1.00")),
        ((), event(EventKind.PAYMENT, "0.00")),
        ((), event(EventKind.PAYMENT, "-1.00")),
        ((), event(EventKind.PAYMENT)),
    ],
)
def test_what_cannot_happen_is_refused(before: tuple[StatementEvent, ...], step: StatementEvent) -> None:
    standing = story(*before)
    with pytest.raises(IllegalStep):
        after(standing, step)
    assert following(Decimal("10.00"), (*before, step)) == standing


events = st.lists(
    st.builds(
        event,
        st.sampled_from(EventKind),
        st.sampled_from(["1.00", "4.00", "10.00"]),
        st.sampled_from([None, "a", "b", "c"]),
    ),
    max_size=12,
)


@given(events)
def test_money_is_never_lost_on_the_way(told: list[StatementEvent]) -> None:
    standing = following(Decimal("10.00"), told)
    happened = standing.events
    came = sum((one.amount or Decimal(0) for one in happened if one.kind is EventKind.PAYMENT), Decimal(0))
    gone = [one.amount or Decimal(0) for one in happened if one.kind in {EventKind.REFUND, EventKind.REVERSED}]
    if not any(one.kind is EventKind.PAID for one in happened):
        assert standing.received == came - sum(gone)
    keys = [one.key for one in happened if one.key]
    assert len(keys) == len(set(keys))
    if standing.state is StatementState.PAID:
        assert standing.open <= 0


def test_a_credit_note_takes_everything_back() -> None:
    sessions = [charged(f"s{day}", quarters(at(f"2026-03-{day:02}T18:00"), [1111 + day])) for day in range(1, 9)]
    invoice = replace(make(wanted("invoice", due_on=date(2026, 4, 15)), sessions), number="2026-0001")
    note = credit_note(invoice, id="s2", made_on=date(2026, 4, 20))
    assert (note.number, note.corrects, note.due_on) == (None, invoice.id, None)
    assert note.total == -invoice.total
    assert [row.vat for row in note.vat] == [-row.vat for row in invoice.vat]
    assert sum(line.net for one in note.sessions for line in one.lines) == note.net == -invoice.net
    assert all(line.price > 0 > line.quantity for one in note.sessions for line in one.lines)
    assert needs_credit_note(invoice)
    assert not needs_credit_note(note)
    assert not needs_credit_note(replace(invoice, number=None))
    assert note.made_on - invoice.made_on == timedelta(days=19)
