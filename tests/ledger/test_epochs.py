"""An old state that comes back goes on above everything that anybody knows."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
import shutil

from hypothesis import given, strategies as st

from custom_components.smart_evse.engine.access.model import Driver
from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionsBook, Tip
from custom_components.smart_evse.ledger.epochs import opening
from tests.ledger.house import EVENING, ZONE, evenings

TIPS = st.builds(
    Tip,
    epoch=st.integers(1, 2**33),
    sequence=st.integers(1, 2**40),
    hash=st.text("0123456789abcdef", min_size=64, max_size=64),
)


@given(
    here=TIPS | st.just(Tip()), known=st.lists(TIPS | st.just(Tip()), max_size=4), copied=st.booleans(), data=st.data()
)
def test_a_new_epoch_is_above_everything(here: Tip, known: list[Tip], copied: bool, data: st.DataObject) -> None:  # noqa: FBT001
    held = {tip for tip in known if data.draw(st.booleans())} | {here}
    opened = opening(here, known=known, held=held.__contains__, copied=copied, now=EVENING)
    lost = [tip for tip in known if tip.sequence and tip not in held]
    assert (opened is None) == (not lost and not copied and here.sequence > 0)
    if opened:
        assert opened.lost == tuple(lost)
        for tip in (here, *lost):
            assert opened.place.epoch > tip.epoch
            assert opened.place.sequence > tip.sequence
        assert opened.place.hash == here.hash


def test_a_ledger_goes_on_where_it_was(where: str) -> None:
    with closing(Ledger.open(where, "home", zone=ZONE, now=EVENING)) as ledger:
        first = ledger.tip
        assert ledger.opened is not None
        assert not ledger.opened.restored
    with closing(Ledger.open(where, "home", zone=ZONE, known=[first], now=EVENING + timedelta(days=1))) as ledger:
        assert ledger.tip == first
        assert ledger.opened is None
        assert ledger.verify().records == 1


def test_what_somebody_knew_before_an_old_state_came_back(where: str) -> None:
    """A token kept outside of the file names a record that the file has not."""
    with closing(Ledger.open(where, "home", zone=ZONE, now=EVENING)) as ledger:
        first = ledger.tip
    outside = replace(first, sequence=41, hash="f" * 64)
    with closing(Ledger.open(where, "home", zone=ZONE, known=[outside], now=EVENING)) as ledger:
        assert (ledger.tip.epoch, ledger.tip.sequence) == (first.epoch + 1, 42)
        verified = ledger.verify()
        assert (verified.good, verified.lost) == (True, (outside,))
        assert ledger.opened is not None
        assert ledger.opened.restored


def test_a_new_file_after_the_old_one_was_lost(where: str) -> None:
    outside = Tip(epoch=7, sequence=41, hash="f" * 64)
    with closing(Ledger.open(where, "home", zone=ZONE, known=[outside], now=EVENING)) as ledger:
        assert ledger.tip.sequence == 42
        assert ledger.verify().good


def test_a_copy_made_by_a_backup_knows_that_it_is_one(tmp_path: Path) -> None:
    with closing(Ledger.open(tmp_path / "a.db", "home", zone=ZONE, now=EVENING)) as ledger:
        for record, intervals in evenings(3):
            SessionsBook(ledger).close_session(record, intervals)
        ledger.checkpoint(copying=True)
        # The one file is the whole of it: nothing is left in the log beside it.
        shutil.copy(tmp_path / "a.db", tmp_path / "b.db")
        ledger.checkpoint()
        tip = ledger.tip
    with closing(Ledger.open(tmp_path / "a.db", "home", zone=ZONE)) as ledger:
        assert ledger.tip == tip
    with closing(Ledger.open(tmp_path / "b.db", "home", zone=ZONE)) as copy:
        assert copy.tip.epoch > tip.epoch
        assert copy.tip.sequence == tip.sequence + 1
        assert len(SessionsBook(copy).sessions()) == 3
        assert copy.verify().good
        again = copy.tip
    with closing(Ledger.open(tmp_path / "b.db", "home", zone=ZONE)) as copy:
        assert copy.tip == again


def test_whoever_is_forgotten_in_a_copy_leaves_the_marks_of_other_sites(tmp_path: Path) -> None:
    file, copy = tmp_path / "ledger.db", tmp_path / "copy.db"
    for site in ("north", "south"):
        with closing(Ledger.open(file, site)) as ledger:
            PeopleBook(ledger).put_driver(Driver(id=f"anna {site}", name="Anna"))
            ledger.checkpoint(copying=True)
            shutil.copy(file, copy)
    with closing(Ledger.open(copy, "north")) as north:
        assert north.opened is not None
        PeopleBook(north).forget_driver("anna north")
    # The other site has yet to be opened, and is a copy as well.
    with closing(Ledger.open(copy, "south")) as south:
        assert south.opened is not None
        assert south.opened.restored


def test_each_site_of_a_copied_file_opens_its_own_epoch(tmp_path: Path) -> None:
    sites = ("north", "south")
    tips = {}
    for site in sites:
        with closing(Ledger.open(tmp_path / "a.db", site, zone=ZONE, now=EVENING)) as ledger:
            tips[site] = ledger.tip
            ledger.checkpoint(copying=True)
    for site in sites:
        with closing(Ledger.open(tmp_path / "a.db", site, zone=ZONE)) as ledger:
            assert ledger.tip.epoch > tips[site].epoch
