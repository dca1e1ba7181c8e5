import os
import socket
import unittest
from unittest.mock import patch

from localstack.config import HostAndPort
from rolo.gateway import Gateway
from twisted.internet.error import CannotListenError

from holdfast_localstack.server import BoundTwistedPlugin


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class TheGateway(unittest.TestCase):
    def test_listens_on_the_address_it_was_given_and_on_no_other(self):
        port = free_port()
        BoundTwistedPlugin().load().register(Gateway(), [HostAndPort("127.0.0.1", port)])
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.2", port), timeout=5).close()

    def test_does_not_start_on_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = HostAndPort("127.0.0.1", taken.getsockname()[1])
            with self.assertRaisesRegex(CannotListenError, "already in use"):
                BoundTwistedPlugin().load().register(Gateway(), [address])

    def test_does_not_start_without_what_its_functions_will_need(self):
        with (
            patch.dict(os.environ, LAMBDA_PROCESS_NODE=""),
            self.assertRaisesRegex(ValueError, "LAMBDA_PROCESS_NODE"),
        ):
            BoundTwistedPlugin().load()
