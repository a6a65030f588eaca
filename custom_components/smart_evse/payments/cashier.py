"""Who asks for money and looks whether it has come: one for each provider, one thing at a time for each statement.

At most one way to pay a statement is open at a time. Before another one is opened, the one before is ended at the
provider and looked at: it may have been paid in that very moment, and then there is no other one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from weakref import WeakValueDictionary

from .answering import Answering
from .book import Book, Tell
from .errors import Declined, KeyRefused, PaymentError, Refused, Unclear, UnderWay, Unreachable
from .fitting import resumes, serves
from .following import LIVE, Attempt, Collection, News, NewsKind, heard, next_look, taken_in, told_again
from .port import FindsPayments, Hint, KeepsCards, Payment, PaymentProvider, PaymentRequest, PaymentState, SavedCard

LINK_LIFE = timedelta(hours=23)
"""How long a pay link lives. Checkout ends one after 24 h, by a clock that need not be ours."""

HINTS_KEPT = 500


type Keep = Callable[[Attempt], bool]
"""Says whether something that was begun is gone on with."""


class Cashier:
    """Asks, looks, calls back and gives back. `now` is the clock, aware UTC."""

    def __init__(self, provider: PaymentProvider, book: Book, tell: Tell, now: Callable[[], datetime]) -> None:
        self._provider = provider
        self._book = book
        self._tell = tell
        self._now = now
        self._answering = Answering(now)
        self._asked = self._answering.asked
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._looked: dict[str, datetime] = {}
        self._hints: dict[str, None] = {}

    @property
    def trouble(self) -> PaymentError | None:
        """What the owner should know: the key is refused, or there has been no answer for an hour."""
        return self._answering.trouble

    async def link(self, request: PaymentRequest) -> Payment:
        """Return the page where a statement can be paid, or its payment if it has been paid.

        `attempt` and `expires` of the request are set here. Raises `UnderWay` while an earlier payment is on its way,
        and `Unreachable` when that cannot be known.
        """
        async with self._alone(request.statement):
            return await self._link(request)

    async def charge(self, request: PaymentRequest, card: SavedCard) -> Payment:
        """Charge a saved card; where the bank declines, return a page instead (and tell `DECLINED` and `LINK`).

        What fails with `Unreachable` is gone on with by `poll`.
        """
        async with self._alone(request.statement):
            return await self._charge(request, card)

    async def settle(self, statement: str) -> Payment | None:
        """Close the ways to pay a statement that is paid otherwise or cancelled; return what was paid here.

        What cannot be closed now is closed by `poll`.
        """
        async with self._alone(statement):
            collection = await self._book.get(statement)
            if collection is None:
                return None
            if not collection.settled and collection.paid is None:
                # Before anything else: what comes from now on is too much.
                collection = replace(collection, settled=True)
                await self._book.put(collection)
            return (await self._clear(collection)).paid

    async def seek(self, request: PaymentRequest) -> None:
        """Look what the provider knows of a statement, and tell all that has come, again if need be.

        For when this book or the record of statements came back from a backup.
        """
        async with self._alone(request.statement):
            collection = await self._book.get(request.statement) or Collection(statement=request.statement)
            for news in told_again(collection):
                await self._tell(news)
            await self._found(collection, request)

    async def refund(self, statement: str, total: Decimal) -> Payment:
        """Give back so much of what was paid that `total` has been given back."""
        async with self._alone(statement):
            collection = await self._book.get(statement) or Collection(statement=statement)
            paid = collection.paid
            if paid is None:
                raise Refused("nothing was paid that could be given back")
            number = next(n for n, each in enumerate(collection.attempts, 1) if each.payment == paid)
            payment = await self._asked(self._provider.refund(paid.id, total))
            await self._take(collection, number, payment)
            return payment

    async def hear(self, hint: Hint) -> bool:
        """Look at what a message names; tell whether it named anything of ours. One that comes twice is heard once."""
        if hint.id in self._hints:
            return True
        found = [each for each in await self._book.all() if each.names & hint.payments]
        for collection in found:
            await self._look(collection.statement)
        if hint.id:
            # Only now: a message whose payment could not be looked at is worth a second one.
            self._hints[hint.id] = None
        if len(self._hints) > HINTS_KEPT:
            del self._hints[next(iter(self._hints))]
        return bool(found)

    async def poll(self) -> datetime | None:
        """Look at all that is due and return when to come again, `None` when there is nothing to wait for."""
        if (rest := self._answering.rest_until) is not None:
            return rest
        for collection in await self._book.all():
            due = next_look(collection, self._looked.get(collection.statement))
            if due is None or due > self._now():
                continue
            try:
                await self._look(collection.statement)
            except Unreachable, KeyRefused:
                return self._answering.rest_until
            except PaymentError:
                # This one is in trouble, not the provider: it is looked at again in its turn.
                self._looked[collection.statement] = self._now()
        moments = [next_look(each, self._looked.get(each.statement)) for each in await self._book.all()]
        return min((moment for moment in moments if moment is not None), default=None)

    def _alone(self, statement: str) -> asyncio.Lock:
        return self._locks.setdefault(statement, asyncio.Lock())

    async def _look(self, statement: str) -> None:
        """Look at all that may have changed, and go on with what was left half done."""
        async with self._alone(statement):
            collection = await self._book.get(statement)
            if collection is None:
                return
            for number, attempt in enumerate(collection.attempts, 1):
                if attempt.payment is not None and (attempt.live or attempt.received):
                    payment = await self._asked(self._provider.look(attempt.payment.id))
                    collection = await self._take(collection, number, payment)
            if collection.settled:
                with suppress(UnderWay):
                    await self._clear(collection)
            elif (last := collection.unfinished) is not None and last.card is not None:
                await self._charge(last.request, last.card)
            else:
                await self._announce(collection)
            self._looked[statement] = self._now()

    async def _take(self, collection: Collection, number: int, payment: Payment) -> Collection:
        """Tell what is new and then keep it: what is told twice is known by its key, what is never told is lost."""
        after, news = heard(collection, number, payment)
        for each in news:
            await self._tell(each)
        if after != collection:
            await self._book.put(after)
        return after

    async def _announce(self, collection: Collection) -> None:
        """Tell of a link that nobody had asked for: after it is kept, so that no second one is made beside it."""
        if (page := collection.unannounced) is not None:
            await self._tell(News(kind=NewsKind.LINK, statement=collection.statement, payment=page))
            number = len(collection.attempts)
            await self._book.put(collection.changed(number, replace(collection.attempts[-1], announced=True)))

    async def _link(self, request: PaymentRequest) -> Payment:
        def keep(attempt: Attempt) -> bool:
            return serves(attempt, request, self._now())

        collection = await self._next(await self._opened(request.statement, keep), request, None, keep)
        if (payment := collection.paid or collection.attempts[-1].payment) is not None:
            return payment
        number = len(collection.attempts)
        payment = await self._ask(collection, number, self._provider.link(collection.attempts[-1].request))
        await self._announce(await self._take(collection, number, payment))
        return payment

    async def _charge(self, request: PaymentRequest, card: SavedCard) -> Payment:
        def keep(attempt: Attempt) -> bool:
            return resumes(attempt, request, card, self._now())

        if not isinstance(self._provider, KeepsCards):
            raise Refused(f"{self._provider.key} keeps no cards")
        collection = await self._opened(request.statement, keep)
        if collection.declined and collection.attempts[-1].card == card:
            return await self._link(request)
        collection = await self._next(collection, request, card, keep)
        if collection.paid is not None:
            return collection.paid
        number, attempt = len(collection.attempts), collection.attempts[-1]
        payment = attempt.payment
        if payment is None:
            try:
                payment = await self._ask(collection, number, self._provider.prepare(attempt.request, card))
            except Declined, Refused:
                # The card is not there any more; whether the sum is the reason, the link will tell.
                return await self._link(request)
            collection = await self._take(collection, number, payment)
        payment = await self._asked(self._provider.collect(payment.id))
        if payment.state is PaymentState.DECLINED:
            ended = await self._asked(self._provider.withdraw(payment.id))
            # It stays declined in the books, with the reason, unless money came after all.
            payment = payment if ended.state is PaymentState.CANCELLED else ended
        collection = await self._take(collection, number, payment)
        return await self._link(request) if payment.state is PaymentState.DECLINED else payment

    async def _opened(self, statement: str, keep: Keep) -> Collection:
        """Return what was done for a statement so far, with nothing live in it but what is worth keeping."""
        collection = await self._book.get(statement) or Collection(statement=statement)
        if collection.settled:
            raise Refused("the statement is settled")
        return await self._clear(collection, keep)

    async def _next(
        self, collection: Collection, request: PaymentRequest, card: SavedCard | None, keep: Keep
    ) -> Collection:
        """Return the collection with what is open, or with a new attempt: it is kept before it is asked for."""
        collection = await self._begun(collection, request, card)
        if collection.paid is None and collection.attempts[-1].payment is None:
            # A book that comes back from a backup knows of nothing since.
            found = await self._found(collection, request)
            if found is not collection:
                collection = await self._begun(await self._clear(found, keep), request, card)
        return collection

    async def _begun(self, collection: Collection, request: PaymentRequest, card: SavedCard | None) -> Collection:
        if collection.paid is not None or collection.is_open:
            return collection
        if request.amount <= 0:
            raise Refused("there is nothing to pay")
        # The end is part of the request, which has to be the same when it is sent again.
        collection = collection.begin(replace(request, expires=self._now() + LINK_LIFE), card, self._now())
        await self._book.put(collection)
        return collection

    async def _found(self, collection: Collection, request: PaymentRequest) -> Collection:
        """Return the collection with all that the provider was asked for and this book does not know of."""
        if not isinstance(self._provider, FindsPayments):
            return collection
        for payment in await self._asked(self._provider.made_for(request)):
            if payment.id in collection.names:
                continue
            collection = taken_in(collection, request, payment, self._now())
            if collection.is_open:
                collection = await self._take(collection, len(collection.attempts), payment)
            else:
                await self._book.put(collection)
        return collection

    async def _ask(self, collection: Collection, number: int, asking: Awaitable[Payment]) -> Payment:
        """Ask for something new. What cannot have come to be, or what nobody can ever use, is given up."""
        try:
            return await self._asked(asking)
        except (Declined, Refused, Unclear) as err:
            attempt = collection.attempts[number - 1]
            collection = collection.changed(number, replace(attempt, void=True))
            if isinstance(err, Unclear):
                # It would answer the same again under the same number.
                collection = collection.begin(attempt.request, attempt.card, self._now())
            await self._book.put(collection)
            raise

    async def _clear(self, collection: Collection, keep: Keep = lambda _: False) -> Collection:
        """Look at all that is live, and end it unless it is the last one and worth keeping."""
        for number, attempt in enumerate(collection.attempts, 1):
            if not attempt.live:
                continue
            last = number == len(collection.attempts)
            if attempt.payment is None:
                # Nobody has seen its page, and a charge without an id was never taken.
                if not (last and keep(attempt)):
                    collection = collection.changed(number, replace(attempt, void=True))
                    await self._book.put(collection)
                continue
            payment = await self._asked(self._provider.look(attempt.payment.id))
            collection = await self._take(collection, number, payment)
            if payment.state not in LIVE or (last and keep(collection.attempts[number - 1])):
                continue
            payment = await self._asked(self._provider.withdraw(payment.id))
            if payment.state is PaymentState.EXPIRED:
                payment = replace(payment, state=PaymentState.CANCELLED)
            collection = await self._take(collection, number, payment)
            if payment.state in LIVE:
                raise UnderWay(f"payment {payment.id} is on its way")
        return collection
