"""These tests for another test runner: their names, or their results, as JSON in a file.

usage: python as_json.py names|results FILE

A name has the module, the class and the method. A result is { name, passed, detail, ms }; what is
skipped has not passed.
"""

import json
import sys
import time
import unittest
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

type Fault = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class Results(unittest.TestResult):
    def __init__(self) -> None:
        super().__init__()
        self._began: dict[str, float] = {}
        self._details: dict[str, list[str]] = {}

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._began[test.id()] = time.monotonic()

    def _note(self, test: unittest.TestCase, detail: str) -> None:
        self._details.setdefault(test.id(), []).append(detail)

    def addError(self, test: unittest.TestCase, err: Fault) -> None:
        self._note(test, self._exc_info_to_string(err, test))

    def addFailure(self, test: unittest.TestCase, err: Fault) -> None:
        self._note(test, self._exc_info_to_string(err, test))

    def addSubTest(
        self, test: unittest.TestCase, subtest: unittest.TestCase, err: Fault | None
    ) -> None:
        if err:
            self._note(test, f"{subtest}\n{self._exc_info_to_string(err, test)}")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self._note(test, f"skipped: {reason}")

    def addExpectedFailure(self, test: unittest.TestCase, err: Fault) -> None:
        self._note(test, "failed, as it is marked to")

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        self._note(test, "passed, though it is marked to fail")

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        self._began[test.id()] = time.monotonic() - self._began[test.id()]

    def rows(self) -> list[dict[str, Any]]:
        """Faults of a whole class or module, which are no test's, are rows too."""
        names = [*self._began, *(name for name in self._details if name not in self._began)]
        return [
            {
                "name": name,
                "passed": name not in self._details,
                "detail": "\n".join(self._details.get(name, [])),
                "ms": round(self._began.get(name, 0) * 1000),
            }
            for name in names
        ]


def tests_of(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from tests_of(part)
        else:
            yield part


def main(what: str, file: str) -> None:
    suite = unittest.TestLoader().discover(str(Path(__file__).parent))
    if what == "names":
        answer: list[Any] = [test.id() for test in tests_of(suite)]
    else:
        results = Results()
        suite.run(results)
        answer = results.rows()
    Path(file).write_text(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
