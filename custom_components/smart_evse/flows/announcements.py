"""How chargers announce themselves on the network."""

from dataclasses import dataclass

from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo


@dataclass(frozen=True, slots=True)
class Announcement:
    """How a make announces itself: how its name or the kind of its service begins, in lower case.

    `is_door` says that the announced port is the one that we talk to.
    """

    start: str
    make: str
    is_door: bool = False


# SmartEVSE: the web server of its firmware. go-e: the maker, beside the description of its API v2, and by
# its first name on older firmware. OpenEVSE: its firmware. Alfen: what the maker's own app looks for.
ANNOUNCEMENTS = (
    Announcement("smartevse-", "smartevse", is_door=True),
    Announcement("_go-e_go-echarger", "goe"),
    Announcement("go-echarger", "goe"),
    Announcement("_openevse.", "openevse", is_door=True),
    Announcement("_alfen.", "alfen"),
)


def heard(info: ZeroconfServiceInfo) -> Announcement | None:
    """Tell the make by its announcement; a web server may be anybody's."""
    said = (info.name.lower(), info.type.lower())
    return next((known for known in ANNOUNCEMENTS if any(text.startswith(known.start) for text in said)), None)
