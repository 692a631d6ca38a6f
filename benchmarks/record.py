"""Writing a benchmark's result file, with what it was measured on."""

import datetime
import json
import os
import platform
from pathlib import Path

import torch
from keeping import write_whole

RESULTS = Path(__file__).parent / "results"


def processor() -> str:
    """The processor's name as the system knows it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def record(name: str, result: dict) -> Path:
    """Write ``results/<name>.json``: the result and where it comes from; whole or not at all."""
    document = {
        "benchmark": f"benchmarks/{name}.py",
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()}",
        "threads": torch.get_num_threads(),
        "versions": {"python": platform.python_version(), "torch": str(torch.__version__)},
        **result,
    }
    path = RESULTS / f"{name}.json"
    write_whole(path, json.dumps(document, indent=1) + "\n")
    return path
