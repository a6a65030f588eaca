"""Whatever people do, lines lose and servers break: nobody pays twice, and every statement knows what it got.

A machine that clicks, pays, gives back, cuts the power, goes back to backups and sends messages in any order, against
the fake account on a real socket. After each step the account's own books are looked at, and in the end, when all is
well again, the news.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from decimal import Decimal

from aiohttp import ClientSession
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from custom_components.smart_evse.engine.statements.states import Standing, after
from custom_components.smart_evse.payments.errors import Forged, PaymentError
from custom_components.smart_evse.payments.following import Collection, NewsKind
from custom_components.smart_evse.payments.port import Payment, SavedCard
from custom_components.smart_evse.payments.statement_events import statement_event
from custom_components.smart_evse.payments.stripe_webhook import read_stripe_message
from simulator.payments import CardNetwork
from simulator.sockets.stripe import Fault, StripeServer
from tests.payments.till import SECRET, WEBHOOK_SECRET, Clock, PaperBook, PowerCut, Till, bill

STATEMENTS = st.sampled_from(["S1", "S2"])
AMOUNTS = st.sampled_from(["12.34", "20.00"])
FAULTS = st.lists(st.sampled_from(Fault), max_size=8)
BANKS = st.sampled_from(["ok", "card_declined", "authentication_required"])
CUTS = st.one_of(st.none(), st.integers(1, 6))


class CuttingBook(PaperBook):
    """The power fails at the nth writing."""

    def __init__(self) -> None:
        super().__init__()
        self.cut_at: int | None = None

    async def put(self, collection: Collection) -> None:
        if self.cut_at is not None:
            self.cut_at -= 1
            self.cuts = self.cut_at == 0
        await super().put(collection)


class House(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = Clock()
        self.book = CuttingBook()
        self.copy: dict[str, str] = {}
        self.pages: list[str] = []
        self.cards: dict[str, SavedCard] = {}
        self.till = self.runner.run(self._open())

    async def _open(self) -> Till:
        self.session = ClientSession()
        server = StripeServer(CardNetwork(self.clock.seconds), SECRET)
        await server.open()
        till = Till(server, self.session, self.clock, self.book)
        for bank in ("ok", "card_declined", "authentication_required"):
            self.cards[bank] = await till.saved_card(bank, bank)
        return till

    def teardown(self) -> None:
        try:
            self._all_is_well_again()
        finally:
            self.runner.run(self._close())
            self.runner.close()

    async def _close(self) -> None:
        await self.session.close()
        await self.till.server.close()

    def _does(self, doing: Awaitable[object], faults: list[Fault], cut: int | None = None) -> None:
        """Do something while things go wrong."""

        async def done() -> object:
            return await doing

        self.till.server.faults = list(faults)
        # Odd numbers cut the writing of the book, even ones the telling.
        self.book.cut_at = cut if cut is not None and cut % 2 else None
        self.till.tells = cut // 2 - 1 if cut is not None and not cut % 2 else None
        try:
            result = self.runner.run(done())
        except PaymentError:
            result = None
        except PowerCut:
            result = None
            self.till.restart()
        self.till.server.faults = []
        self.book.cut_at, self.book.cuts, self.till.tells = None, False, None
        if isinstance(result, Payment) and result.url is not None:
            self.pages.append(result.id)
        self.pages += [each.payment.id for each in self.till.news if each.kind is NewsKind.LINK]

    @rule(statement=STATEMENTS, amount=AMOUNTS, faults=FAULTS, cut=CUTS)
    def asks_for_a_link(self, statement: str, amount: str, faults: list[Fault], cut: int | None) -> None:
        self._does(self.till.cashier.link(bill(statement, amount)), faults, cut)

    @rule(statement=STATEMENTS, amounts=st.tuples(AMOUNTS, AMOUNTS))
    def clicks_twice(self, statement: str, amounts: tuple[str, str]) -> None:
        async def both() -> None:
            asked = (self.till.cashier.link(bill(statement, amount)) for amount in amounts)
            for each in await asyncio.gather(*asked, return_exceptions=True):
                if isinstance(each, Payment) and each.url is not None:
                    self.pages.append(each.id)

        self._does(both(), [])

    @rule(statement=STATEMENTS, amount=AMOUNTS, bank=BANKS, faults=FAULTS, cut=CUTS)
    def charges_a_card(self, statement: str, amount: str, bank: str, faults: list[Fault], cut: int | None) -> None:
        self._does(self.till.cashier.charge(bill(statement, amount), self.cards[bank]), faults, cut)

    @rule(page=st.integers(0), bank=st.sampled_from(["ok", "card_declined", "slow"]))
    def pays_on_a_page(self, page: int, bank: str) -> None:
        """Also on one that lies open in the browser since long."""
        if self.pages:
            self.till.network.pay(self.pages[page % len(self.pages)], bank)

    @rule(well=st.booleans())
    def a_slow_bank_speaks(self, *, well: bool) -> None:
        things = self.till.network.things
        for name, thing in list(things.items()):
            intent = things.get(str(thing.get("payment_intent")), {})
            if name.startswith("cs_") and intent.get("status") == "processing":
                self.till.network.arrive(name, well=well)

    @rule(number=st.integers(0), coins=st.sampled_from([100, None]))
    def gives_back_on_the_providers_pages(self, number: int, coins: int | None) -> None:
        charges = [each for each in self.till.network.things.values() if each["object"] == "charge"]
        left = [each for each in charges if each["status"] == "succeeded" and not each["refunded"]]
        if left:
            charge = left[number % len(left)]
            amount = {} if coins is None else {"amount": str(coins)}
            self.till.network.refund({"payment_intent": str(charge["payment_intent"]), **amount})

    @rule(statement=STATEMENTS, total=st.sampled_from(["1", "12.34"]), faults=FAULTS, cut=CUTS)
    def gives_back(self, statement: str, total: str, faults: list[Fault], cut: int | None) -> None:
        self._does(self.till.cashier.refund(statement, Decimal(total)), faults, cut)

    @rule(statement=STATEMENTS, faults=FAULTS, cut=CUTS)
    def is_paid_otherwise(self, statement: str, faults: list[Fault], cut: int | None) -> None:
        self._does(self.till.cashier.settle(statement), faults, cut)

    @rule(number=st.integers(0), right=st.booleans(), faults=FAULTS)
    def a_message_comes(self, number: int, faults: list[Fault], *, right: bool) -> None:
        """Late, twice, out of order, or forged; or never, if this rule does not come."""
        if not self.till.network.events:
            return
        event = self.till.network.events[number % len(self.till.network.events)]
        secret = WEBHOOK_SECRET if right else "whsec_of_somebody_else"
        body, signature = self.till.server.message(event, secret, self.clock.seconds())
        try:
            hint = read_stripe_message(body, signature, WEBHOOK_SECRET, self.clock())
        except Forged:
            assert not right
            return
        assert right
        self._does(self.till.cashier.hear(hint), faults)

    @rule(faults=FAULTS, cut=CUTS)
    def looks(self, faults: list[Fault], cut: int | None) -> None:
        self._does(self.till.cashier.poll(), faults, cut)

    @rule(minutes=st.sampled_from([1, 30, 600, 1500]))
    def time_passes(self, minutes: int) -> None:
        self.clock.go(minutes=minutes)

    @rule()
    def is_restarted(self) -> None:
        self.till.restart()

    @rule()
    def is_backed_up(self) -> None:
        self.copy = dict(self.book.pages)

    @rule(days=st.sampled_from([0, 2]))
    def comes_back_from_the_backup(self, days: int) -> None:
        self.book.pages = dict(self.copy)
        self.till.restart()
        if days:
            self.clock.go(days=days)
            self.till.server.forget_keys()
        for statement in ("S1", "S2"):
            self._does(self.till.cashier.seek(bill(statement)), [])

    @invariant()
    def nobody_pays_twice(self) -> None:
        network = self.till.network
        taken, given = Counter[str](), Counter[str]()
        for statement, coins in network.taken:
            taken[statement] += coins
        for statement, coins in network.given:
            given[statement] += coins
        for statement, coins in taken.items():
            most = max(each for name, each in network.taken if name == statement)
            assert coins - given[statement] <= most, network.taken

    @invariant()
    def at_most_one_page_is_open(self) -> None:
        things = self.till.network.things
        now = self.clock.seconds()
        known = [things[name] for name in set(self.pages)]
        known = [each for each in known if each["status"] == "open" and int(str(each["expires_at"])) > now]
        assert max(Counter(each["client_reference_id"] for each in known).values(), default=0) <= 1

    @invariant()
    def nothing_is_told_that_is_not_so(self) -> None:
        charges = [each for each in self.till.network.things.values() if each["object"] == "charge"]
        succeeded = {str(each["payment_intent"]) for each in charges if each["status"] == "succeeded"}
        for each in self.till.news:
            if each.kind in (NewsKind.PAID, NewsKind.PAID_AGAIN):
                assert each.payment.transaction in succeeded

    def _all_is_well_again(self) -> None:
        for _ in range(4):
            self.clock.go(days=1, hours=1)
            self._does(self.till.cashier.poll(), [])
        told = {each.key: each for each in self.till.news}.values()
        paid = Counter(each.statement for each in told if each.kind in (NewsKind.PAID, NewsKind.PAID_AGAIN))
        assert paid == Counter(statement for statement, _ in self.till.network.taken)
        for statement in ("S1", "S2"):
            standing = Standing(total=Decimal("12.34"))
            for each in self.till.news:
                event = statement_event(each, standing, self.clock())
                if each.statement == statement and event is not None:
                    standing = after(standing, event)
            taken = sum(coins for name, coins in self.till.network.taken if name == statement)
            given = sum(coins for name, coins in self.till.network.given if name == statement)
            assert standing.received == Decimal(taken - given).scaleb(-2)
            assert standing.refunded == Decimal(given).scaleb(-2)


def test_nobody_pays_twice_whatever_happens(socket_enabled: None) -> None:
    run_state_machine_as_test(
        House,
        settings=settings(
            max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
