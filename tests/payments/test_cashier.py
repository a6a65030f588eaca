"""How a statement gets paid: once, whatever happens on the way."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from custom_components.smart_evse.payments.errors import KeyRefused, Refused, UnderWay, Unreachable
from custom_components.smart_evse.payments.port import Hint, PaymentState
from custom_components.smart_evse.payments.stripe_webhook import read_stripe_message
from simulator.sockets.stripe import Fault
from tests.payments.till import WEBHOOK_SECRET, PowerCut, Till, bill

LOOKS = (Fault.FINE, Fault.FINE)
"""Before anything new is asked for, it is looked for in two lists."""


def sessions(till: Till, status: str = "open") -> list[str]:
    things = till.network.things.items()
    return [name for name, thing in things if name.startswith("cs_") and thing["status"] == status]


async def test_paid_and_told_once(till: Till) -> None:
    payment = await till.cashier.link(bill())
    assert await till.cashier.poll() is not None
    assert till.heard() == []
    till.network.pay(payment.id)
    till.clock.go(seconds=5)
    for _ in range(3):
        await till.cashier.poll()
        till.clock.go(days=1)
    assert [(each.statement, each.kind, each.payment.id) for each in till.news] == [("S1", "paid", payment.id)]
    written = till.book.written
    await till.cashier.poll()
    assert till.book.written == written


async def test_a_double_click_is_one_page(till: Till) -> None:
    first, second = await asyncio.gather(till.cashier.link(bill()), till.cashier.link(bill()))
    assert first.url == second.url
    assert len(sessions(till)) == 1


async def test_another_amount_ends_the_page_before(till: Till) -> None:
    first = await till.cashier.link(bill())
    second = await till.cashier.link(bill(amount="20"))
    assert sessions(till) == [second.id]
    assert sessions(till, "expired") == [first.id]
    assert till.heard() == []


async def test_the_page_before_was_paid_in_the_meantime(till: Till) -> None:
    first = await till.cashier.link(bill())
    till.network.pay(first.id)
    again = await till.cashier.link(bill(amount="20"))
    assert (again.id, again.state) == (first.id, PaymentState.PAID)
    assert sessions(till) == []
    assert till.heard() == [("S1", "paid")]


async def test_no_second_way_while_a_bank_takes_its_days(till: Till) -> None:
    first = await till.cashier.link(bill())
    till.network.pay(first.id, "slow")
    with pytest.raises(UnderWay):
        await till.cashier.link(bill())
    with pytest.raises(UnderWay):
        await till.cashier.charge(bill(), await till.saved_card(driver="other"))
    till.network.arrive(first.id, well=False)
    second = await till.cashier.link(bill())
    assert second.id != first.id
    assert till.heard() == [("S1", "declined")]


async def test_no_second_way_while_nobody_answers(till: Till) -> None:
    await till.cashier.link(bill())
    await till.server.close()
    with pytest.raises(Unreachable):
        await till.cashier.link(bill(amount="20"))
    await till.server.open()
    assert len(sessions(till)) == 1


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.UNANSWERED])
async def test_a_request_without_an_answer_is_found_again(till: Till, fault: Fault) -> None:
    till.server.faults = [*LOOKS, *[fault] * 3]
    with pytest.raises(Unreachable):
        await till.cashier.link(bill())
    till.restart()
    till.clock.go(hours=2)
    payment = await till.cashier.link(bill())
    assert sessions(till) == [payment.id]


async def test_the_power_fails_between_the_call_and_the_record(till: Till) -> None:
    await till.cashier.link(bill("S0"))
    original = till.book.put
    calls = 0

    async def put(collection: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise PowerCut
        await original(collection)  # type: ignore[arg-type]

    till.book.put = put  # type: ignore[method-assign]
    with pytest.raises(PowerCut):
        await till.cashier.link(bill())
    till.restart()
    payment = await till.cashier.link(bill())
    assert [name for name in sessions(till) if till.network.things[name]["client_reference_id"] == "S1"] == [payment.id]


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.BROKEN_LATE])
async def test_a_server_that_broke_is_asked_under_another_name(till: Till, fault: Fault) -> None:
    till.server.faults = [*LOOKS, fault]
    with pytest.raises(Unreachable):
        await till.cashier.link(bill())
    payment = await till.cashier.link(bill())
    assert payment.state is PaymentState.PENDING
    assert payment.url is not None


async def test_a_link_that_is_over_is_told_and_made_anew(till: Till) -> None:
    first = await till.cashier.link(bill())
    till.clock.go(hours=24)
    await till.cashier.poll()
    assert till.heard() == [("S1", "expired")]
    assert await till.cashier.poll() is None
    assert (await till.cashier.link(bill())).id != first.id


async def test_a_link_with_little_time_left_is_not_handed_out(till: Till) -> None:
    first = await till.cashier.link(bill())
    till.clock.go(hours=22, minutes=45)
    assert (await till.cashier.link(bill())).id != first.id
    assert sessions(till, "expired") == [first.id]


async def test_a_book_from_a_backup_charges_no_second_time(till: Till) -> None:
    card = await till.saved_card()
    paid = await till.cashier.charge(bill(), card)
    till.book.pages.clear()
    till.server.forget_keys()
    till.clock.go(days=3)
    till.restart()
    again = await till.cashier.charge(bill(), card)
    assert (again.id, again.state) == (paid.id, PaymentState.PAID)
    assert till.network.taken == [("S1", 1234)]
    assert [each.kind for each in till.news] == ["paid", "paid"]
    assert len({each.key for each in till.news}) == 1
    # Another bill of the same driver is another charge.
    await till.cashier.charge(bill("S2"), card)
    assert till.network.taken == [("S1", 1234), ("S2", 1234)]


def forgets(till: Till, pages: dict[str, str] | None = None) -> None:
    """Let the book come back from a backup of three days ago."""
    till.book.pages = dict(pages or {})
    till.server.forget_keys()
    till.clock.go(days=3)
    till.restart()


@pytest.mark.parametrize("before", [0, 1])
async def test_a_book_from_a_backup_makes_no_page_for_what_was_paid_on_one(till: Till, before: int) -> None:
    old = [await till.cashier.link(bill()) for _ in range(before)]
    pages = dict(till.book.pages)
    till.clock.go(hours=24)
    page = await till.cashier.link(bill())
    assert page.id not in {each.id for each in old}
    till.network.pay(page.id)
    forgets(till, pages)
    again = await till.cashier.link(bill())
    assert (again.id, again.state, again.url) == (page.id, PaymentState.PAID, None)
    card = await till.saved_card()
    assert (await till.cashier.charge(bill(), card)).id == page.id
    assert till.network.taken == [("S1", 1234)]
    assert till.heard()[-1] == ("S1", "paid")


async def test_a_book_from_a_backup_makes_no_page_for_what_a_card_was_charged_for(till: Till) -> None:
    paid = await till.cashier.charge(bill(), await till.saved_card())
    forgets(till)
    assert (await till.cashier.link(bill())).id == paid.id
    assert till.network.taken == [("S1", 1234)]


async def test_a_book_from_a_backup_hands_out_the_page_that_is_open(till: Till) -> None:
    page = await till.cashier.link(bill())
    till.book.pages.clear()
    till.restart()
    assert (await till.cashier.link(bill())).id == page.id
    till.network.pay(page.id, "slow")
    till.book.pages.clear()
    till.restart()
    with pytest.raises(UnderWay):
        await till.cashier.link(bill())
    till.network.arrive(page.id)
    till.clock.go(hours=7)
    await till.cashier.poll()
    assert till.heard() == [("S1", "paid")]


async def test_what_a_backup_has_forgotten_is_told_without_being_asked(till: Till) -> None:
    page = await till.cashier.link(bill())
    till.network.pay(page.id)
    forgets(till)
    await till.cashier.seek(bill())
    assert till.heard() == [("S1", "paid")]
    await till.cashier.seek(bill("S2"))
    assert "S2" not in till.book.pages, "nobody has tried yet"


async def test_what_the_book_knows_is_told_again_to_a_record_from_a_backup(till: Till) -> None:
    page = await till.cashier.link(bill())
    till.network.pay(page.id)
    await till.cashier.poll()
    await till.cashier.refund("S1", Decimal(2))
    told = till.heard()
    till.news.clear()
    await till.cashier.seek(bill())
    assert till.heard() == told == [("S1", "paid"), ("S1", "partly_refunded")]


async def test_it_is_found_among_all_that_an_account_has_sold(till: Till) -> None:
    request = replace(bill(), since=till.clock())
    page = await till.cashier.link(request)
    till.network.pay(page.id)
    for number in range(130):
        till.clock.go(minutes=30)
        till.network.pay((await till.stripe.link(bill(f"other-{number}"))).id)
    asked = len(till.server.requests)
    forgets(till)
    assert (await till.cashier.link(request)).id == page.id
    assert len(till.server.requests) - asked == 3 + 3 + 1, "two lists of three pages each, and the payment"


async def test_a_saved_card_is_charged(till: Till) -> None:
    payment = await till.cashier.charge(bill(), await till.saved_card())
    assert payment.state is PaymentState.PAID
    assert till.heard() == [("S1", "paid")]
    assert (await till.cashier.link(bill())).id == payment.id
    assert (await till.cashier.charge(bill(), await till.saved_card())).id == payment.id
    assert till.network.taken == [("S1", 1234)]


@pytest.mark.parametrize("bank", ["card_declined", "authentication_required"])
async def test_a_declined_card_becomes_a_link(till: Till, bank: str) -> None:
    payment = await till.cashier.charge(bill(), await till.saved_card(bank))
    assert (payment.state, payment.id[:3]) == (PaymentState.PENDING, "cs_")
    assert [(each.kind, each.payment.reason) for each in till.news] == [("declined", bank), ("link", None)]
    intents = [thing for name, thing in till.network.things.items() if name.startswith("pi_")]
    assert [intent["status"] for intent in intents] == ["canceled"]
    till.network.pay(payment.id)
    till.clock.go(seconds=5)
    await till.cashier.poll()
    assert till.network.taken == [("S1", 1234)]


async def test_a_card_that_is_gone_becomes_a_link(till: Till) -> None:
    card = await till.saved_card()
    await till.stripe.forget(card)
    payment = await till.cashier.charge(bill(), card)
    assert payment.url is not None
    assert till.heard() == [("S1", "link")]


async def test_a_page_is_ended_before_a_card_is_charged(till: Till) -> None:
    page = await till.cashier.link(bill())
    await till.cashier.charge(bill(), await till.saved_card())
    assert not till.network.pay(page.id)
    assert till.network.taken == [("S1", 1234)]


async def test_a_page_that_was_paid_leaves_the_card_alone(till: Till) -> None:
    page = await till.cashier.link(bill())
    till.network.pay(page.id)
    payment = await till.cashier.charge(bill(), await till.saved_card())
    assert payment.id == page.id
    assert till.network.taken == [("S1", 1234)]


@pytest.mark.parametrize("nth", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("fault", [Fault.LOST, Fault.UNANSWERED, Fault.BROKEN, Fault.BROKEN_LATE])
async def test_a_charge_that_broke_off_is_gone_on_with(till: Till, fault: Fault, nth: int) -> None:
    card = await till.saved_card()
    till.server.faults = [Fault.FINE] * (nth - 1) + [fault] * 3
    try:
        await till.cashier.charge(bill(), card)
    except Unreachable:
        till.restart()
        for _ in range(5):
            till.clock.go(minutes=30)
            await till.cashier.poll()
    assert till.network.taken == [("S1", 1234)]
    assert till.heard() == [("S1", "paid")]


async def test_a_declined_card_with_no_answer_for_the_link(till: Till) -> None:
    card = await till.saved_card("card_declined")
    till.server.faults = [*LOOKS, *[Fault.FINE] * 5, *LOOKS, Fault.FINE, *[Fault.LOST] * 3]
    with pytest.raises(Unreachable):
        await till.cashier.charge(bill(), card)
    assert till.heard() == [("S1", "declined")]
    till.clock.go(minutes=30)
    await till.cashier.poll()
    link = await till.cashier.link(bill())
    assert link.url is not None
    assert len(sessions(till)) == 1
    assert till.heard() == [("S1", "declined"), ("S1", "link")]


async def test_given_back_on_the_providers_own_pages(till: Till) -> None:
    payment = await till.cashier.link(bill())
    till.network.pay(payment.id)
    till.clock.go(minutes=1)
    await till.cashier.poll()
    intent = till.network.things[payment.id]["payment_intent"]
    till.network.refund({"payment_intent": str(intent), "amount": "234"})
    till.clock.go(days=1)
    await till.cashier.poll()
    till.network.refund({"payment_intent": str(intent)})
    till.clock.go(days=1)
    await till.cashier.poll()
    assert till.heard() == [("S1", "paid"), ("S1", "partly_refunded"), ("S1", "refunded")]
    assert await till.cashier.poll() is None


async def test_given_back_from_here(till: Till) -> None:
    payment = await till.cashier.link(bill())
    with pytest.raises(Refused):
        await till.cashier.refund("S1", Decimal(1))
    till.network.pay(payment.id)
    await till.cashier.link(bill())
    for _ in range(2):
        assert (await till.cashier.refund("S1", Decimal(2))).refunded == Decimal(2)
    assert till.network.given == [("S1", 200)]
    assert till.heard() == [("S1", "paid"), ("S1", "partly_refunded")]


async def test_paid_by_a_transfer_ends_the_page(till: Till) -> None:
    page = await till.cashier.link(bill())
    assert await till.cashier.settle("S1") is None
    assert not till.network.pay(page.id)
    with pytest.raises(Refused):
        await till.cashier.link(bill())
    with pytest.raises(Refused):
        await till.cashier.charge(bill(), await till.saved_card())
    assert till.heard() == []


async def test_paid_by_a_transfer_and_on_the_page_as_well(till: Till) -> None:
    page = await till.cashier.link(bill())
    till.network.pay(page.id)
    paid = await till.cashier.settle("S1")
    assert paid is not None
    assert till.heard() == [("S1", "paid_again")]


async def test_a_page_that_could_not_be_ended_is_ended_later(till: Till) -> None:
    page = await till.cashier.link(bill())
    till.server.faults = [Fault.LOST] * 9
    with pytest.raises(Unreachable):
        await till.cashier.settle("S1")
    till.server.faults.clear()
    till.restart()
    await till.cashier.poll()
    assert sessions(till, "expired") == [page.id]
    assert till.heard() == []


async def test_nothing_to_settle(till: Till) -> None:
    assert await till.cashier.settle("S9") is None


@pytest.mark.parametrize("amount", ["0", "-3"])
async def test_nothing_to_pay(till: Till, amount: str) -> None:
    with pytest.raises(Refused):
        await till.cashier.link(bill(amount=amount))
    assert till.server.requests == []


async def test_a_provider_that_is_down_changes_nothing_and_is_told_after_an_hour(till: Till) -> None:
    payment = await till.cashier.link(bill())
    till.network.pay(payment.id)
    await till.server.close()
    till.clock.go(seconds=5)
    before = dict(till.book.pages)
    rests = []
    for _ in range(12):
        now, then = till.clock.now, await till.cashier.poll()
        assert then is not None
        rests.append((then - now).total_seconds())
        assert await till.cashier.poll() == then
        till.clock.now = then
    assert rests[:9] == [10, 20, 40, 80, 160, 320, 640, 1280, 1800]
    assert till.book.pages == before
    assert isinstance(till.cashier.trouble, Unreachable)
    await till.server.open()
    await till.cashier.poll()
    assert till.cashier.trouble is None
    assert till.heard() == [("S1", "paid")]


async def test_a_short_silence_is_nobodys_business(till: Till) -> None:
    await till.cashier.link(bill())
    await till.server.close()
    till.clock.go(seconds=5)
    await till.cashier.poll()
    assert till.cashier.trouble is None


async def test_a_refused_key_is_told_at_once(till: Till) -> None:
    await till.cashier.link(bill())
    till.server.secret = "sk_test_changed"
    till.clock.go(seconds=5)
    assert await till.cashier.poll() is not None
    assert isinstance(till.cashier.trouble, KeyRefused)


async def test_one_unknown_payment_does_not_hold_up_the_others(till: Till) -> None:
    lost, kept = await till.cashier.link(bill("S1")), await till.cashier.link(bill("S2"))
    del till.network.things[lost.id]
    till.network.pay(kept.id)
    till.clock.go(seconds=5)
    await till.cashier.poll()
    assert till.heard() == [("S2", "paid")]
    assert till.cashier.trouble is None


def _message(till: Till, number: int) -> Hint:
    body, signature = till.server.message(till.network.events[number], WEBHOOK_SECRET, till.clock.seconds())
    return read_stripe_message(body, signature, WEBHOOK_SECRET, till.clock())


async def test_a_message_hurries_the_look(till: Till) -> None:
    payment = await till.cashier.link(bill())
    till.network.pay(payment.id)
    hint = _message(till, -1)
    assert await till.cashier.hear(hint)
    assert till.heard() == [("S1", "paid")]
    asked = len(till.server.requests)
    assert await till.cashier.hear(hint)
    assert len(till.server.requests) == asked
    till.network.refund({"payment_intent": str(till.network.things[payment.id]["payment_intent"])})
    assert await till.cashier.hear(_message(till, -1))
    assert till.heard() == [("S1", "paid"), ("S1", "refunded")]


async def test_messages_out_of_order_tell_what_is(till: Till) -> None:
    payment = await till.cashier.link(bill())
    till.network.pay(payment.id, "card_declined")
    till.network.pay(payment.id)
    till.network.refund({"payment_intent": str(till.network.things[payment.id]["payment_intent"])})
    for number in reversed(range(len(till.network.events))):
        await till.cashier.hear(_message(till, number))
    assert till.heard() == [("S1", "paid"), ("S1", "refunded")]


async def test_a_message_about_others_payments(till: Till) -> None:
    await till.cashier.link(bill())
    asked = len(till.server.requests)
    assert not await till.cashier.hear(Hint(id="evt_9", payments=frozenset({"cs_elsewhere"})))
    assert len(till.server.requests) == asked


async def test_a_message_lies(till: Till) -> None:
    """Whoever had the secret could still not make a statement paid."""
    payment = await till.cashier.link(bill())
    event = {"id": "evt_1", "data": {"object": {"id": payment.id, "payment_status": "paid"}}}
    body, signature = till.server.message(event, WEBHOOK_SECRET, till.clock.seconds())
    await till.cashier.hear(read_stripe_message(body, signature, WEBHOOK_SECRET, till.clock()))
    assert till.heard() == []


async def test_a_message_whose_payment_cannot_be_looked_at_may_come_again(till: Till) -> None:
    payment = await till.cashier.link(bill())
    till.network.pay(payment.id)
    hint = _message(till, -1)
    till.server.faults = [Fault.LOST] * 9
    with pytest.raises(Unreachable):
        await till.cashier.hear(hint)
    till.server.faults.clear()
    await till.cashier.hear(hint)
    assert till.heard() == [("S1", "paid")]


async def test_news_that_could_not_be_kept_comes_again_under_the_same_key(till: Till) -> None:
    payment = await till.cashier.link(bill())
    till.network.pay(payment.id)
    till.clock.go(seconds=5)
    till.book.cuts = True
    with pytest.raises(PowerCut):
        await till.cashier.poll()
    till.restart()
    await till.cashier.poll()
    assert len(till.news) == 2
    assert len({each.key for each in till.news}) == 1


@pytest.mark.parametrize("after", [0, 1])
async def test_a_link_instead_of_a_card_is_told_though_the_power_fails(till: Till, after: int) -> None:
    till.tells = 1
    with pytest.raises(PowerCut):
        await till.cashier.charge(bill(), await till.saved_card("card_declined"))
    till.tells = None
    till.restart()
    till.book.cuts = bool(after)
    for _ in range(2):
        try:
            till.clock.go(minutes=1)
            await till.cashier.poll()
        except PowerCut:
            till.restart()
    till.clock.go(minutes=1)
    await till.cashier.poll()
    assert till.heard() == [("S1", "declined"), ("S1", "link")]
    assert len(sessions(till)) == 1
