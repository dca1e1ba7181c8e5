import unittest

from holdfast_localstack.places import NoPlace, Places


class Process:
    def __init__(self, name: str = "") -> None:
        self.name = name
        self.fate = "alive"

    def kill(self) -> None:
        self.fate = "killed"

    def end(self) -> None:
        self.fate = "ended"


def full(places: Places[Process], count: int) -> list[Process]:
    return [places.start(Process) for _ in range(count)]


class PlacesForProcesses(unittest.TestCase):
    def test_are_as_many_as_was_said(self):
        places = Places[Process](2)
        full(places, 2)
        with self.assertRaisesRegex(NoPlace, "2 environments"):
            places.start(Process)

    def test_are_made_by_the_longest_idle_and_by_nobody_at_work(self):
        places = Places[Process](3)
        first, second, third = full(places, 3)
        places.rest(second)
        places.rest(first)
        places.start(Process)
        self.assertEqual([first.fate, second.fate, third.fate], ["alive", "ended", "alive"])
        places.start(Process)
        self.assertEqual([first.fate, third.fate], ["ended", "alive"])

    def test_end_the_old_process_before_the_new_one_starts(self):
        places = Places[Process](1)
        (old,) = full(places, 1)
        places.rest(old)
        fates = []
        places.start(lambda: fates.append(old.fate) or Process())
        self.assertEqual(fates, ["ended"])

    def test_tell_an_owner_whether_its_idle_process_is_still_its_own(self):
        places = Places[Process](1)
        (old,) = full(places, 1)
        places.rest(old)
        self.assertTrue(places.resume(old))
        self.assertFalse(places.resume(old), "it is at work")
        places.rest(old)
        places.start(Process)
        self.assertFalse(places.resume(old), "it had to make room")

    def test_are_free_again_when_a_process_has_ended_or_did_not_start(self):
        places = Places[Process](1)
        with self.assertRaises(OSError):
            places.start(self._fails)
        (process,) = full(places, 1)
        places.leave(process)
        full(places, 1)

    @staticmethod
    def _fails() -> Process:
        raise OSError("no such program")

    def test_are_all_cleared_when_closed_and_taken_by_none_then(self):
        places = Places[Process](3)
        idle, busy = full(places, 2)
        places.rest(idle)
        starting = places.start(lambda: places.close() or Process())
        self.assertEqual([idle.fate, busy.fate, starting.fate], ["killed"] * 3)
        with self.assertRaises(NoPlace):
            places.start(Process)

    def test_are_one_at_least(self):
        with self.assertRaisesRegex(ValueError, "limit .* got 0"):
            Places(0)
