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
            if len(told) > connector.outlet and told[connector.outlet]:
                site.sessions.evidence.saw(key, site.data.sessions.get(key), told[connector.outlet])

    site.config_entry.async_on_unload(site.async_add_listener(look))
