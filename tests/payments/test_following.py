"""What is news about a payment, and when it is worth a look."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.payments.collection_json import as_json, from_json
from custom_components.smart_evse.payments.following import RECEIVED, Collection, heard, next_look
from custom_components.smart_evse.payments.port import Payment, PaymentState, SavedCard
from tests.payments.till import START, bill

CARD = SavedCard(provider="stripe", customer="cus_1", method="pm_1")


def payment(state: PaymentState, refunded: str = "0", number: int = 1) -> Payment:
    return Payment(
        id=f"cs_{number}",
        provider="stripe",
        state=state,
        amount=Decimal("12.34"),
        currency="EUR",
        refunded=Decimal(refunded),
        transaction=f"pi_{number}",
        expires=START + timedelta(hours=23),
        paid_at=START if state in RECEIVED else None,
    )


@st.composite
def payments(draw: st.DrawFn) -> Payment:
    state = draw(st.sampled_from(PaymentState))
    refunded = {PaymentState.PARTLY_REFUNDED: "5", PaymentState.REFUNDED: "12.34"}.get(state, "0")
    return payment(state, refunded)


def begun() -> Collection:
    return Collection(statement="S1").begin(bill(), None, START)


@given(st.lists(payments(), max_size=8))
def test_the_same_again_changes_nothing_and_each_is_told_once(answers: list[Payment]) -> None:
    collection, keys = begun(), []
    for answer in answers:
        collection, news = heard(collection, 1, answer)
        keys += [each.key for each in news]
        assert heard(collection, 1, answer) == (collection, ()) or collection.attempts[0].payment != answer
    assert keys.count("stripe:cs_1:paid") <= 1
    assert collection == from_json(as_json(collection))


@given(st.lists(payments(), max_size=8))
def test_what_was_paid_never_becomes_unpaid(answers: list[Payment]) -> None:
    collection, received = begun(), False
    for answer in answers:
        collection, _ = heard(collection, 1, answer)
        received = received or answer.state in RECEIVED
        assert collection.attempts[0].received == received


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (["pending", "paid"], ["paid"]),
        (["pending", "expired"], ["expired"]),
        (["pending", "expired", "paid"], ["expired", "paid"]),
        (["prepared", "declined"], ["declined"]),
        (["pending", "cancelled"], []),
        (["paid", "expired"], ["paid"]),
        (["refunded"], ["paid", "refunded"]),
        (["paid", "partly_refunded", "refunded"], ["paid", "partly_refunded", "refunded"]),
    ],
)
def test_what_is_told(states: list[str], told: list[str]) -> None:
    collection, kinds = begun(), []
    for state in states:
        refunded = {"partly_refunded": "5", "refunded": "12.34"}.get(state, "0")
        collection, news = heard(collection, 1, payment(PaymentState(state), refunded))
        kinds += [each.kind.value for each in news]
    assert kinds == told


def test_money_that_comes_twice_is_told_as_that() -> None:
    collection, _ = heard(begun(), 1, payment(PaymentState.PAID))
    collection = collection.begin(bill(), None, START)
    _, news = heard(collection, 2, payment(PaymentState.PAID, number=2))
    assert [each.kind for each in news] == ["paid_again"]
    _, news = heard(replace(begun(), settled=True), 1, payment(PaymentState.PAID))
    assert [each.kind for each in news] == ["paid_again"]


def test_looks_are_frequent_at_first_and_seldom_later() -> None:
    collection, _ = heard(begun(), 1, payment(PaymentState.PENDING))
    pauses = []
    for hours in (0.0, 0.2, 0.5, 5, 20, 22.9, 23.5):
        looked = START + timedelta(hours=hours)
        due = next_look(collection, looked)
        assert due is not None
        pauses.append((due - looked).total_seconds())
    assert pauses == [5, 15, 60, 300, 1800, 360, 1800]
    assert next_look(collection, None) == START


def test_a_paid_one_is_followed_for_refunds_until_there_can_be_none() -> None:
    collection, _ = heard(begun(), 1, payment(PaymentState.PAID))
    assert next_look(collection, START) == START + timedelta(days=1)
    assert next_look(collection, START + timedelta(days=181)) is None


@pytest.mark.parametrize("state", ["expired", "cancelled", "declined", "refunded"])
def test_what_is_over_is_not_looked_at(state: str) -> None:
    collection, _ = heard(begun(), 1, payment(PaymentState(state), "12.34" if state == "refunded" else "0"))
    assert next_look(collection, START) is None


def test_a_charge_without_an_answer_is_gone_on_with_a_link_is_not() -> None:
    assert next_look(begun(), None) is None
    charge = Collection(statement="S1").begin(bill(), CARD, START)
    assert next_look(charge, None) == START
    assert next_look(replace(charge, settled=True), None) is None


@pytest.mark.parametrize("content", [{}, {"statement": "S1"}, {"statement": "S1", "attempts": [{}]}])
def test_what_was_not_kept_by_us_is_refused(content: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        from_json(content)


def test_a_charge_is_kept_with_its_card() -> None:
    collection, _ = heard(Collection(statement="S1").begin(bill(), CARD, START), 1, payment(PaymentState.PREPARED))
    assert from_json(as_json(collection)) == collection
