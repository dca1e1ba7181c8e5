import unittest

from holdfast_localstack.log_buffer import LogBuffer


class ALogBuffer(unittest.TestCase):
    def test_gives_whole_lines_and_is_empty_then(self):
        buffer = LogBuffer()
        buffer.add(b"one\ntw")
        buffer.add(b"o")
        self.assertEqual(buffer.take(), "one\ntwo\n")
        self.assertEqual(buffer.take(), "")

    def test_keeps_the_beginning_and_says_how_much_it_dropped(self):
        buffer = LogBuffer(max_bytes=4)
        buffer.add(b"abc")
        buffer.add(b"def")
        buffer.add(b"ghi")
        self.assertEqual(buffer.take(), "abcd\n5 more bytes of this call's log were dropped\n")
        buffer.add(b"next")
        self.assertEqual(buffer.take(), "next\n")

    def test_survives_a_character_that_was_cut_in_half(self):
        buffer = LogBuffer(max_bytes=1)
        buffer.add("ö".encode())
        self.assertEqual(buffer.take().splitlines()[0], "\ufffd")
