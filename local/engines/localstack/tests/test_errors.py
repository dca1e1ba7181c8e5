import unittest

from holdfast_localstack.errors import Exit, exited, timed_out


class AnError(unittest.TestCase):
    def test_tells_how_a_process_ended(self):
        for code, words in (
            (3, "Runtime exited with error: exit status 3"),
            (-9, "Runtime exited with error: signal: killed"),
            (-6, "Runtime exited with error: signal: aborted"),
            (0, "Runtime exited without providing a reason"),
        ):
            error = exited("id", Exit(code))
            self.assertEqual(error["errorType"], "Runtime.ExitError")
            self.assertEqual(error["errorMessage"], f"RequestId: id Error: {words}")

    def test_tells_how_long_a_call_was_given(self):
        message = timed_out("id", 3)["errorMessage"]
        self.assertEqual(message, "RequestId: id Error: Task timed out after 3.00 seconds")
