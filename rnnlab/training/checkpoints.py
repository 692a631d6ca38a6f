"""Checkpoints: all that a run needs to go on as if it had never stopped, in one file.

The file is in the safetensors format: numbers and their names, nothing that could run. Its header
holds, as JSON, what is not a tensor, and a SHA-256 over everything, which tells a file that was cut
off or changed. (Whoever changes a file on purpose can also change its sum. It guards against
accidents; and against files that are no checkpoints.)

A file is written under another name, forced to the disk, and then renamed: at any moment, the name
stands for a whole checkpoint, the last one or the one before.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

#: Names the format and its version in the file's header.
_FORMAT = "rnnlab checkpoint 1"


class CheckpointError(ValueError):
    """A file that is not a whole checkpoint, or not one of this run."""


@dataclass
class Checkpoint:
    """A run's tensors and everything else about it.

    Attributes:
        tensors: By name, such as ``model.decoder.weight`` or ``optimiser.0.exp_avg``.
        about: Whatever JSON can hold: steps done, history, how the model is made.
    """

    tensors: dict[str, Tensor] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)

    def part(self, prefix: str) -> dict[str, Tensor]:
        """The tensors whose names begin with a prefix and a dot, without these."""
        start = prefix + "."
        return {
            name.removeprefix(start): tensor
            for name, tensor in self.tensors.items()
            if name.startswith(start)
        }


def _sum(tensors: dict[str, Tensor], about: str) -> str:
    """SHA-256 over names, types, shapes and numbers, and over the rest."""
    digest = hashlib.sha256(about.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"\n{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def save(checkpoint: Checkpoint, path: str | Path) -> None:
    """Write a checkpoint, whole or not at all.

    Raises:
        OSError: The file cannot be written; an older one of that name is left as it was.
    """
    from safetensors.torch import save as to_bytes  # noqa: PLC0415 - torch alone imports rnnlab

    path = Path(path)
    # Tied weights are one tensor under two names; a clone each, as the format wants no sharing.
    tensors = {
        name: tensor.detach().cpu().clone().contiguous()
        for name, tensor in checkpoint.tensors.items()
    }
    about = json.dumps(checkpoint.about, sort_keys=True)
    header = {"format": _FORMAT, "about": about, "sha256": _sum(tensors, about)}
    content = to_bytes(tensors, metadata=header)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    for left in path.parent.glob(f"{path.name}.*.draft"):  # of runs that were killed while writing
        left.unlink(missing_ok=True)


def load(path: str | Path) -> Checkpoint:
    """Read a checkpoint; nothing in the file is ever executed.

    Raises:
        FileNotFoundError: No such file.
        CheckpointError: A file that is cut off, changed, or no checkpoint.
    """
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"expected a checkpoint at {path}, got no such file")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, UnicodeDecodeError) as error:
        raise CheckpointError(
            f"expected {path} to be a checkpoint, got a file that is cut off or of another kind "
            f"({error})"
        ) from error
    if header.get("format") != _FORMAT:
        raise CheckpointError(
            f"expected {path} to be an {_FORMAT}, got {header.get('format', 'another file')!r}"
        )
    if header.get("sha256") != _sum(tensors, header.get("about", "")):
        raise CheckpointError(f"expected {path} as it was written, got one that was changed since")
    return Checkpoint(tensors, json.loads(header["about"]))
