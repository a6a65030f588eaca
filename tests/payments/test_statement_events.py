"""What a statement has on record of a payment."""

from datetime import timedelta
from decimal import Decimal

import pytest

from custom_components.smart_evse.engine.statements.model import StatementState
from custom_components.smart_evse.engine.statements.states import Standing, after
from custom_components.smart_evse.payments.following import News, NewsKind
from custom_components.smart_evse.payments.port import Payment, PaymentState
from custom_components.smart_evse.payments.statement_events import statement_event
from tests.payments.till import START

LATER = START + timedelta(hours=1)


def news(kind: NewsKind, refunded: str = "0", name: str = "cs_1") -> News:
    payment = Payment(
        id=name,
        provider="stripe",
        state=PaymentState.PAID,
        amount=Decimal("12.34"),
        currency="EUR",
        refunded=Decimal(refunded),
        paid_at=START,
    )
    return News(kind=kind, statement="S1", payment=payment)


def booked(*told: News) -> Standing:
    standing = Standing(total=Decimal("12.34"))
    for each in told:
        event = statement_event(each, standing, LATER)
        standing = standing if event is None else after(standing, event)
    return standing


def test_paid_is_paid_once() -> None:
    standing = booked(news(NewsKind.PAID), news(NewsKind.PAID), news(NewsKind.PAID_AGAIN))
    assert (standing.state, standing.received, standing.paid_at) == (StatementState.PAID, Decimal("12.34"), START)


def test_paid_twice_is_owed_back() -> None:
    assert booked(news(NewsKind.PAID), news(NewsKind.PAID_AGAIN, name="cs_2")).open == Decimal("-12.34")


@pytest.mark.parametrize(
    "told",
    [
        [("partly_refunded", "2"), ("refunded", "12.34")],
        [("partly_refunded", "2"), ("partly_refunded", "2"), ("refunded", "12.34")],
        [("refunded", "12.34")],
        [("refunded", "12.34"), ("partly_refunded", "2")],
    ],
)
def test_given_back_is_what_the_provider_says(told: list[tuple[str, str]]) -> None:
    refunds = [news(NewsKind(kind), refunded) for kind, refunded in told]
    standing = booked(news(NewsKind.PAID), *refunds)
    assert (standing.received, standing.refunded) == (Decimal(0), Decimal("12.34"))


def test_another_payments_refunds_are_its_own() -> None:
    second = [news(NewsKind.PAID_AGAIN, name="cs_12"), news(NewsKind.REFUNDED, "12.34", name="cs_12")]
    standing = booked(news(NewsKind.PAID), news(NewsKind.PARTLY_REFUNDED, "2"), *second)
    assert (standing.received, standing.refunded) == (Decimal("10.34"), Decimal("14.34"))


@pytest.mark.parametrize("kind", [NewsKind.DECLINED, NewsKind.LINK, NewsKind.EXPIRED])
def test_where_no_money_moved_nothing_is_booked(kind: NewsKind) -> None:
    assert statement_event(news(kind), Standing(total=Decimal(1)), LATER) is None
