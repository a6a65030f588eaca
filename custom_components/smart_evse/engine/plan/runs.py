"""Runs that are worth a start: none shorter than the least the owner allows."""

from collections.abc import Iterator

from .board import Board


def lengthen(board: Board, index: int) -> None:
    """Lengthen each run that is too short, to the side where it costs less."""
    if board.ground.places[index].stay.min_run <= 0:
        return
    for _ in board.ground.places[index].window:
        short = next(_short(board, index), None)
        if short is None:
            return
        if not _grow(board, index, short):
            _drop(board, index, short)
    board.settle(index)


def _runs(board: Board, index: int) -> Iterator[range]:
    start = None
    window, row = board.ground.places[index].window, board.powers[index]
    for slot in (*window, window.stop):
        on = slot in window and row[slot] > 0
        if on and start is None:
            start = slot
        elif not on and start is not None:
            yield range(start, slot)
            start = None


def _short(board: Board, index: int) -> Iterator[range]:
    """Yield the runs that are too short; one that has begun, or ends with the stay, is no start too many."""
    place = board.ground.places[index]
    for run in _runs(board, index):
        begun = (run.start == place.window.start and place.stay.running) or run.stop == place.window.stop
        length = sum(place.share[slot] * board.hours[slot] for slot in run)
        must = any(board.floor[index][slot] > 0 for slot in run)
        if not begun and not must and length < place.stay.min_run - 1e-6:
            yield run


def _grow(board: Board, index: int, run: range) -> bool:
    place = board.ground.places[index]
    least = place.stay.charge.least
    sides = [
        (found.price, slot)
        for slot in (run.stop, run.start - 1)
        if slot in place.window
        and board.room(index, slot) >= least
        and not board.giving[slot]
        and board.end(index) + least * board.hours[slot] <= place.stay.capacity
        and (found := board.step(index, slot, least)) is not None
    ]
    if not sides:
        return False
    board.put(index, min(sides)[1], least)
    board.settle(index)
    return board.powers[index][min(sides)[1]] > 0


def _drop(board: Board, index: int, run: range) -> None:
    for slot in run:
        board.put(index, slot, 0.0)
        board.hold(index, slot, 0.0)
    board.settle(index)
