"""When something that was read is a sample, and when only a repetition."""

from custom_components.smart_evse.meters.novelty import Novelty


def heard(novelty: Novelty, seconds: range, content: str = "same", at: str | None = None) -> list[int]:
    return [now for now in seconds if novelty.seen(content, at, 1.0, float(now))]


def test_what_has_a_time_is_new_once() -> None:
    novelty = Novelty()
    assert heard(novelty, range(100), at="12:00:00") == [0]
    assert heard(novelty, range(100, 200), at="12:00:01") == [100]


def test_a_time_decides_even_when_all_else_changes() -> None:
    novelty = Novelty()
    assert novelty.seen("this", "12:00:00", 1.0, 0.0)
    assert not novelty.seen("that", "12:00:00", 1.0, 1.0)


def test_what_changes_is_new() -> None:
    novelty = Novelty()
    assert all(novelty.seen(f"value {now}", None, 1.0, float(now)) for now in range(100))


def test_a_calm_house_is_believed_for_a_while() -> None:
    assert heard(Novelty(30.0), range(100)) == [0, 5, 10, 15, 20, 25, 30]


def test_a_slow_meter_repeats_itself_until_its_next_telegram() -> None:
    novelty = Novelty(30.0)
    assert [now for now in range(100) if novelty.seen("same", None, 10.0, float(now))] == [0, 15, 30]


def test_a_house_that_moves_again_is_believed_again() -> None:
    novelty = Novelty(30.0)
    heard(novelty, range(100))
    assert heard(novelty, range(100, 120), content="other") == [100, 105, 110, 115]
