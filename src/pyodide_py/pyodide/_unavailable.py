"""What of asyncio's event loop a page cannot have: each method raises an error that says why."""

import asyncio
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

_REASONS = {
    "there are no sockets here; pyodide.http has requests, and js.WebSocket has streams": (
        *("connect_accepted_socket", "create_connection", "create_datagram_endpoint"),
        *("create_server", "create_unix_connection", "create_unix_server", "getaddrinfo"),
        *("getnameinfo", "sendfile", "sock_accept", "sock_connect", "sock_recv", "sock_recv_into"),
        *("sock_recvfrom", "sock_recvfrom_into", "sock_sendall", "sock_sendfile", "sock_sendto"),
        "start_tls",
    ),
    "there are no processes here": ("subprocess_exec", "subprocess_shell"),
    "nothing tells here when a file can be read or written": (
        *("add_reader", "add_writer", "connect_read_pipe", "connect_write_pipe"),
        *("remove_reader", "remove_writer"),
    ),
    "signals come from pyodide.setInterruptBuffer; handle them with signal.signal": (
        *("add_signal_handler", "remove_signal_handler"),
    ),
}


def _refuse(method: Callable[..., Any], message: str) -> Callable[..., Any]:
    """Return a method with the signature of `method` that raises NotImplementedError."""
    if iscoroutinefunction(method):

        @wraps(method)
        async def refuse_later(*_args: object, **_kwargs: object) -> None:
            raise NotImplementedError(message)

        return refuse_later

    @wraps(method)
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise NotImplementedError(message)

    return refuse


class LoopWithoutSystem(asyncio.AbstractEventLoop):
    """An event loop without sockets, processes, pipes and signals."""


for _reason, _names in _REASONS.items():
    for _name in _names:
        _method = getattr(asyncio.AbstractEventLoop, _name)
        setattr(LoopWithoutSystem, _name, _refuse(_method, f"{_name}(): {_reason}"))
