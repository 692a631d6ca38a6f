"""The Triton kernels without a GPU: run by Triton's interpreter, and compiled for GPUs elsewhere.

Both need triton, which torch for the CPU does not bring along: `make kernels` installs it and runs
this file. On a GPU the kernels are tested in tests/test_gpu_persistent.py.
"""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT

from rnnlab.gpu import recurrence

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("triton") is None,
    reason="needs triton, which is not installed here: make kernels (Linux only)",
)

KERNELS = [f"{cell}_{way}" for cell in ("rnn", "lstm", "gru") for way in ("forward", "backward")]


def test_kernels_in_the_interpreter():
    """In a process of their own: triton reads the variable when it is imported."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/interpreted.py"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\n=+ \d+ passed in [^,]*\n$", done.stdout)  # and nothing skipped


def build(name, architecture, tile, precision="ieee"):
    """Compile a kernel, as its launch on such a GPU would, and give its registers and stack."""
    import triton  # noqa: PLC0415
    from triton.backends.compiler import GPUTarget  # noqa: PLC0415

    kernel = getattr(recurrence.kernels(), name)
    rows, columns, warps = tile
    constants = {"BLOCK_B": rows, "BLOCK_H": columns, "BLOCK_K": recurrence.BLOCK_K}
    constants |= {"PRECISION": precision, "WAIT": True, "RELU": False}
    constants = {key: value for key, value in constants.items() if key in kernel.arg_names}
    scalars = dict.fromkeys(("steps", "B", "H"), "i32")
    types = {key: scalars.get(key, "*fp32") for key in kernel.arg_names}
    types |= {"counters": "*i32"} | dict.fromkeys(constants, "constexpr")
    by_16 = {
        (position,): [["tt.divisibility", 16]]
        for position, key in enumerate(kernel.arg_names)
        if types[key].startswith("*") or key == "H"
    }
    compiled = triton.compile(
        triton.compiler.ASTSource(kernel, types, constexprs=constants, attrs=by_16),
        target=GPUTarget("cuda", architecture, 32),
        options={"num_warps": warps, "launch_cooperative_grid": True},
    )
    return compiled.asm


def resources(cubin, folder):
    """Registers and bytes of stack of a thread, as the tool that comes with triton reads them."""
    import triton  # noqa: PLC0415

    (folder / "kernel.cubin").write_bytes(cubin)
    tool = Path(triton.__file__).parent / "backends" / "nvidia" / "bin" / "cuobjdump"
    said = subprocess.run(
        [tool, "--dump-resource-usage", folder / "kernel.cubin"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(map(int, re.search(r"REG:(\d+) STACK:(\d+)", said).groups()))


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize(("architecture", "tile"), [(80, 0), (90, 0), (90, -1)])
def test_kernels_compile_and_their_registers_suffice(
    name, architecture, tile, tmp_path, monkeypatch
):
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    asm = build(name, architecture, recurrence.TILES[tile])
    registers, stack = resources(asm["cubin"], tmp_path)
    assert 16 < registers < 255
    assert stack == 0  # nothing had to be moved out of the registers


def test_programs_wait_in_the_compiled_kernel(tmp_path, monkeypatch):
    """What a program stores is released before it is counted, and acquired by those that wait."""
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    ptx = build("lstm_forward", 90, recurrence.TILES[0])["ptx"]
    counted = ptx.index("atom.global.gpu.release.add")
    waited = ptx.index("gpu.acquire", counted)
    assert ptx.rindex("bar.sync", 0, counted) > ptx.rindex("st.global", 0, counted)
    assert "bar.sync" in ptx[waited:]


def test_large_tile_that_is_not_offered_spills(tmp_path, monkeypatch):
    """A negative control: the registers do not hold four gates of a tile twice as large."""
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    _, stack = resources(build("lstm_forward", 90, (64, 64, 8))["cubin"], tmp_path)
    assert stack > 0
