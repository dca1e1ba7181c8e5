import unittest

from holdfast_localstack.framing import FramingError, Lines, encode


class LinesOfAStream(unittest.TestCase):
    def test_put_a_message_together_however_it_was_cut(self):
        sent = encode({"event": "zwölf\n\u2028 lines", "n": 1}) + encode({"n": 2})
        for size in (1, 2, 7, len(sent)):
            lines = Lines()
            got = []
            for start in range(0, len(sent), size):
                got += lines.feed(sent[start : start + size])
            self.assertEqual(got, [{"event": "zwölf\n\u2028 lines", "n": 1}, {"n": 2}])

    def test_refuse_what_is_no_json_and_what_is_no_object(self):
        for line in (b"hello\n", b"[1]\n", b"\xff\n", b"\n"):
            with self.assertRaises(FramingError):
                Lines().feed(line)

    def test_refuse_a_message_that_grows_without_end(self):
        lines = Lines(max_bytes=100)
        self.assertEqual(lines.feed(b" " * 90), [])
        with self.assertRaisesRegex(FramingError, "100 bytes"):
            lines.feed(b" " * 11)

    def test_hold_the_limit_for_each_message_and_not_for_all_of_them(self):
        lines = Lines(max_bytes=100)
        self.assertEqual(len(lines.feed(encode({"a": "x" * 80}) * 5)), 5)
