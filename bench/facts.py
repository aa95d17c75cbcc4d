"""What figures depend on."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path


def machine(browser: str | None = None) -> dict[str, str]:
    """What figures depend on, without names of machine or user."""
    model = "unknown"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "node": node.stdout.strip(),
        "browser": browser or "none",
        "python": platform.python_version(),
        "load average": " ".join(f"{x:.1f}" for x in os.getloadavg()),
    }
