import os
import sys
import unittest

from holdfast_localstack.settings import read_settings

good = {"LAMBDA_PROCESS_NODE": sys.executable, "DYNAMODB_EXTERNAL_URL": "http://127.0.0.1:4567"}


class TheSettings(unittest.TestCase):
    def test_are_read_from_the_environment(self):
        settings = read_settings(good)
        self.assertEqual(settings.node, sys.executable)
        self.assertEqual(settings.dynamodb_url, "http://127.0.0.1:4567")

    def test_name_everything_that_is_wrong_at_once_with_its_value(self):
        wrong = {"LAMBDA_PROCESS_NODE": "node", "DYNAMODB_EXTERNAL_URL": "127.0.0.1:4567"}
        with self.assertRaises(ValueError) as caught:
            read_settings(wrong)
        self.assertRegex(str(caught.exception), "LAMBDA_PROCESS_NODE .*'node'.*; ")
        self.assertRegex(str(caught.exception), "DYNAMODB_EXTERNAL_URL .*'127.0.0.1:4567'")

    def test_have_no_defaults(self):
        for name in good:
            with self.assertRaisesRegex(ValueError, name):
                read_settings({key: value for key, value in good.items() if key != name})

    def test_refuse_a_path_that_depends_on_where_one_is(self):
        with self.assertRaisesRegex(ValueError, "absolute"):
            read_settings(good | {"LAMBDA_PROCESS_NODE": os.path.relpath(sys.executable)})

    def test_refuse_a_node_that_is_no_program(self):
        with self.assertRaisesRegex(ValueError, "LAMBDA_PROCESS_NODE"):
            read_settings(good | {"LAMBDA_PROCESS_NODE": __file__})
