"""What pages have in common that open by a link of ours, for people without an account."""

from collections import deque
from typing import ClassVar, Final

from aiohttp import web
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from .coordinator import SiteCoordinator
from .pay_links import Opened, Opens, link_to, opened

BACK: Final = "back"
"""What the query has of whoever comes back from the provider's page."""

CHECKING: Final = 4
"""Whoever comes back from there waits so many s for the provider's word."""

_MOST: Final = 12
"""So often a minute whoever has a link may make a provider be asked."""


class Pace:
    """Lets something happen so often a minute, for each of many."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._before: dict[str, deque[float]] = {}

    def allows(self, key: str, now: float) -> bool:
        """Say whether it may happen now (monotonic s), and take it as done."""
        for other in [each for each, times in self._before.items() if times[-1] < now - 60]:
            del self._before[other]
        times = self._before.setdefault(key, deque())
        while times and times[0] < now - 60:
            times.popleft()
        if len(times) >= self._most:
            return False
        times.append(now)
        return True


class LinkPage(HomeAssistantView):
    """A page for one subject each, by a link that nobody guesses."""

    requires_auth = False
    opens: ClassVar[Opens]

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def opened(self, request: web.Request, token: str) -> Opened:
        """Return what a link opens; nothing is found where it is not ours."""
        of = opened(request.app[KEY_HASS], self.opens, token)
        if of is None:
            raise web.HTTPNotFound
        return of

    def here(self, request: web.Request, of: Opened) -> str:
        """Return the link of the page, to come back to."""
        return link_to(of.site, self.opens, of.subject) or f"{request.url.origin()}{request.path}"

    def allows(self, site: SiteCoordinator, key: str) -> bool:
        """Say whether something that costs may be done once more, and take it as done."""
        return self._pace.allows(key, site.hass.loop.time())
