"""Memory snapshots: getting ready for one, and what has to be new when one is loaded.

`renew` runs at every start from a snapshot, so this module imports little.
"""

import os
import sys
import time

from . import _importhook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# What the snapshot of the distribution has: what nearly every program uses.
_PRELOADED = ("pyodide.code", "_pyodide._pyimport", "_pyodide._switch")


def preload() -> None:
    """Import what the snapshot of the distribution has."""
    import importlib

    for name in _PRELOADED:
        importlib.import_module(name)


def suspend() -> None:
    """Let go of everything that belongs to the running JavaScript; `setup` gives it back.

    Raises
    ------
    RuntimeError
        If the event loop has something to do.
    """
    import gc

    for name in [n for n, module in sys.modules.items() if _importhook.is_js_proxy(module)]:
        del sys.modules[name]
    _importhook.reset()
    if "pyodide.webloop" in sys.modules:
        import asyncio

        loop: Any = asyncio.get_running_loop()
        loop._let_go()
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        sys.__dict__.pop(name, None)
    sys._clear_internal_caches()  # type: ignore[attr-defined]
    gc.collect()


def renew(environment: list[bytes]) -> None:
    """Give the interpreter the environment, time zone and random numbers of this start.

    Parameters
    ----------
    environment:
        Environment variables as ``name=value``.
    """
    new = dict(entry.split(b"=", 1) for entry in environment)
    old: Any = os.environb
    for name in [name for name in old if name not in new]:
        del old[name]
    for name, value in new.items():
        if old.get(name) != value:
            old[name] = value
    modules = sys.modules
    _renew_time_zone()
    if random := modules.get("random"):
        random.seed()
    logging: Any = modules.get("logging")
    if logging:
        # What log records call `relativeCreated` counts from here.
        logging._startTime = time.time_ns()


_YEAR = (365 * 24 + 6) * 3600


def _renew_time_zone() -> None:
    """Set the constants of the module `time` as it does itself when it is first imported.

    `time.tzset` is missing where the C library does not know the variable ``TZ``.
    """
    winter = time.time() // _YEAR * _YEAR
    zones = [time.localtime(winter), time.localtime(winter + _YEAR // 2)]
    # South of the equator summer is in winter.
    standard, summer = sorted(zones, key=lambda zone: zone.tm_gmtoff)
    module: Any = time
    module.timezone = -standard.tm_gmtoff
    module.altzone = -summer.tm_gmtoff
    module.daylight = int(standard.tm_gmtoff != summer.tm_gmtoff)
    module.tzname = (standard.tm_zone, summer.tm_zone)
