"""What the check of the demo asks about what is on record: that it is there, adds up, and can be taken away."""

from .client import Client, Json

_MONTH = 33
"""So many sessions were recorded."""


async def look_at_records(client: Client) -> tuple[Json, list[str]]:
    """Return what there is on record, in a few figures, and what is wrong with it."""
    listed = await client.ask("smart_evse", "list_sessions", limit=1000)
    ended = [session for session in listed["sessions"] if session["ended"] is not None]
    verified = await client.ask("smart_evse", "verify_ledger")
    exported = await client.ask("smart_evse", "export_sessions", format="xlsx", intervals=True)
    (file,) = exported["files"]
    figures = {
        "sessions": len(ended),
        "energy": round(sum(session["energy"] for session in ended), 3),
        "cost": exported["totals"].get("cost"),
        "records": verified["records"],
        "file": len(await client.download(file["url"])),
    }
    wrong = {
        "the month of sessions is not on record": len(ended) < _MONTH,
        "the ledger is not as it was written": not verified["good"],
        "a file has other sums than the list": abs(exported["totals"]["energy"] - figures["energy"]) > 0.0005,
        "a session has nobody who charged": any(session["driver"] is None for session in ended[-_MONTH:]),
        "the file is empty": figures["file"] == 0,
    }
    return figures, [text for text, is_so in wrong.items() if is_so]
