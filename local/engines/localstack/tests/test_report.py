import unittest

from holdfast_localstack.report import Bill, framed


class TheReport(unittest.TestCase):
    def test_frames_what_a_function_printed(self):
        bill = Bill("id", "7", 12.345, 256, 60)
        self.assertEqual(
            framed("hello\n", bill),
            "START RequestId: id Version: 7\n"
            "hello\n"
            "END RequestId: id\n"
            "REPORT RequestId: id\tDuration: 12.35 ms\tBilled Duration: 13 ms"
            "\tMemory Size: 256 MB\tMax Memory Used: 60 MB\n",
        )

    def test_tells_a_first_call_and_a_call_that_ended_badly(self):
        bill = Bill("id", "7", 1, 256, 60, init_ms=40.5, status="timeout")
        last = framed("", bill).splitlines()[-1]
        self.assertTrue(last.endswith("\tInit Duration: 40.50 ms\tStatus: timeout"), last)
