"""pip in a program: the urllib3 that it brings sends over what the platform has for HTTP."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CONNECTION = "pip._vendor.urllib3.connection"
POOL = "pip._vendor.urllib3.connectionpool"
SEARCH_SCOPE = "pip._internal.models.search_scope"


def replace_connections() -> None:
    """Give the urllib3 inside pip connections without sockets, also for https."""
    from pyodide.http._connection import ExchangeSocket

    module: Any = sys.modules[CONNECTION]

    def connect(self: "Any") -> None:
        host = f"[{self.host}]" if ":" in self.host else self.host
        timeout = self.timeout if isinstance(self.timeout, int | float) else None
        self.sock = ExchangeSocket(f"{self.scheme}://{host}:{self.port}", timeout)

    class HTTPSConnection(module.HTTPConnection):
        """A connection over TLS, which the platform cares for; it checks certificates itself."""

        default_port = 443
        is_verified = True
        scheme = "https"

        def __init__(self, *args: "Any", **kwargs: "Any") -> None:
            for name in ("cert_file", "key_file", "key_password"):
                kwargs.pop(name, None)
            super().__init__(*args, **kwargs)

        def set_cert(self, **kwargs: "Any") -> None:
            """Do nothing: certificates are the platform's."""

    module.HTTPConnection.scheme = "http"
    module.HTTPConnection.connect = connect
    HTTPSConnection.connect = connect
    module.HTTPSConnection = module.VerifiedHTTPSConnection = HTTPSConnection


def trust_connections() -> None:
    """Keep urllib3 from asking the system whether a connection has ended: it is no socket."""
    module: Any = sys.modules[POOL]
    module.is_connection_dropped = lambda connection: connection.sock is None


def allow_https() -> None:
    """Keep pip from warning that there is no module `ssl`; nothing here needs it."""
    module: Any = sys.modules[SEARCH_SCOPE]
    module.has_tls = lambda: True
