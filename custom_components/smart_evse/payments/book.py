"""What a cashier needs of others: where collections are kept, and who takes the news."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from .following import Collection, News


class Book(Protocol):
    """Where collections are kept. `put` has kept it for good when it returns."""

    async def get(self, statement: str) -> Collection | None:
        """Return what was kept for a statement."""

    async def put(self, collection: Collection) -> None:
        """Keep it in place of what was there."""

    async def all(self) -> Sequence[Collection]:
        """Return all that are not over; more does no harm."""


type Tell = Callable[[News], Awaitable[None]]
"""Takes news for a statement. It may come twice, when the power fails in between: `News.key` is then the same."""
