"""A gateway that listens where GATEWAY_LISTEN says, and nowhere else. Chosen by
GATEWAY_SERVER=twisted-bound.

LocalStack's own server takes the port from there and listens on every address of the machine, and
it says that it is ready when the port is somebody else's.
"""

import os

from localstack.config import HostAndPort
from localstack.runtime.server.core import RuntimeServer, RuntimeServerPlugin
from rolo.gateway import Gateway

from .settings import read_settings


def _bound_server() -> RuntimeServer:
    # Twisted sets up its reactor when it is imported, so this waits until it was chosen.
    from localstack.runtime.server.twisted import TwistedRuntimeServer
    from rolo.serving.twisted import TwistedGateway
    from twisted.internet import reactor

    class BoundTwistedServer(TwistedRuntimeServer):
        def register(
            self,
            gateway: Gateway,
            listen: list[HostAndPort],
            ssl_creds: tuple[str, str] | None = None,
        ) -> None:
            """Plain HTTP: nothing leaves the machine. Raises CannotListenError at once."""
            site = TwistedGateway(gateway)
            for address in listen:
                reactor.listenTCP(address.port, site, interface=address.host)

    return BoundTwistedServer()


class BoundTwistedPlugin(RuntimeServerPlugin):
    name = "twisted-bound"

    def load(self, *args: object, **kwargs: object) -> RuntimeServer:
        # Every start loads this plug-in: what is missing ends the start, and not the first call.
        read_settings(os.environ)
        return _bound_server()
