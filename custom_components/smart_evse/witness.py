"""Listens at every charger for what its meter has signed, and says of which session it is."""

from homeassistant.core import callback

from .coordinator import SiteCoordinator


@callback
def follow_signed(site: SiteCoordinator) -> None:
    """Hand on what chargers tell, with every beat. A charger goes on telling it: nothing is lost between two."""

    @callback
    def look() -> None:
        for key, connector in site.connectors.items():
            told = site.equipment.chargers[connector.subentry_id].signed
            session, reading = site.data.sessions.get(key), site.data.snapshot.connector(key)
            is_next = reading is not None and reading.state is not None and reading.state.plugged
            if session is None or (is_next and not session.active):
                # A car is there whose session has not begun yet: what is signed is not the last one's.
                continue
            if len(told) > connector.outlet and told[connector.outlet]:
                site.sessions.evidence.saw(key, session, told[connector.outlet])

    site.config_entry.async_on_unload(site.async_add_listener(look))
