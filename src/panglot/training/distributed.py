"""Several processes that train together: who they are, and what they tell each other.

``torchrun`` starts them and says to each, in its environment, who it is; `panglot.cli` reads that.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import distributed, nn
from torch.distributed.tensor import DTensor, distribute_tensor

from panglot.errors import DeviceError, PanglotError, TrainingError

_collective: Any = distributed
"""Its calls have no types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A process among those that train together."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    """Among those on the same machine."""

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes and tells."""
        return self.rank == 0

    def device(self, name: str) -> str:
        """Device of this process, where ``auto`` is CUDA if it is there.

        Parameters
        ----------
        name
            ``auto``, ``cpu`` or ``cuda``; several processes get a card each.

        Returns
        -------
        str
            For torch.

        Raises
        ------
        DeviceError
            If there is no CUDA, or no card for this process.
        """
        cards = torch.cuda.device_count()
        if name == "cpu" or (name == "auto" and not cards):
            return "cpu"
        if self.local_rank >= cards:
            raise DeviceError(
                f"process {self.local_rank} of this machine has no CUDA card: there are {cards}. "
                "Start as many processes as there are cards, or give --device cpu."
            )
        return f"cuda:{self.local_rank}"

    def summed(self, *numbers: float) -> list[float]:
        """Each number, added up over all processes."""
        if self.size == 1:
            return list(numbers)
        device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
        values = torch.tensor(numbers, dtype=torch.float64, device=device)
        _collective.all_reduce(values)
        return [value.item() for value in values]

    def any(self, flag: bool) -> bool:
        """Whether it is so in any process."""
        return self.summed(float(flag))[0] > 0

    def gathered(self, value: Any) -> list[Any]:
        """The value of each process, in the order of their ranks."""
        if self.size == 1:
            return [value]
        everything: list[Any] = [None] * self.size
        _collective.all_gather_object(everything, value)
        return everything

    def in_first(self, act: Callable[[], object]) -> None:
        """Have the first process do something while the others wait; if it cannot, all raise its error.

        Parameters
        ----------
        act
            May raise a `PanglotError`.
        """
        problem: PanglotError | None = None
        if self.is_first:
            try:
                act()
            except PanglotError as error:
                problem = error
        problem = self.gathered(problem)[0]
        if problem is not None:
            raise problem


@contextmanager
def joined(world: World, *, device: str) -> Generator[None]:
    """Meet the other processes, and part from them in the end.

    Parameters
    ----------
    world
        This process. One alone has nobody to meet.
    device
        Of this process: decides the transport, NCCL or gloo.

    Raises
    ------
    TrainingError
        If another process ends before its time.
    """
    if world.size == 1:
        yield
        return
    if device != "cpu":
        torch.cuda.set_device(device)
    distributed.init_process_group("gloo" if device == "cpu" else "nccl", rank=world.rank, world_size=world.size)
    try:
        yield
    except RuntimeError as error:
        if not _is_lost(error):
            raise
        raise TrainingError(
            f"process {world.rank} of {world.size} lost the others: one of them has ended, and says why if it could. "
            "Go on from the last checkpoint with --resume, with as many processes."
        ) from error
    finally:
        distributed.destroy_process_group()


def _is_lost(error: RuntimeError) -> bool:
    """Whether a process at the other end has gone; gloo has no class of errors for it."""
    return isinstance(error, distributed.DistError) or "gloo" in str(error)


def whole(value: Any) -> Any:
    """Values with all tensors whole and in main memory; every process has to ask.

    Parameters
    ----------
    value
        A tensor, shared out or not, or dictionaries, lists and other values with tensors among them.

    Returns
    -------
    Any
        The same structure.
    """
    if isinstance(value, DTensor):
        return value.full_tensor().detach().cpu()
    if isinstance(value, torch.Tensor):
        return value.detach().cpu()
    if isinstance(value, dict):
        return {key: whole(one) for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return type(value)(whole(one) for one in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return value


@torch.no_grad()
def fill(parameter: nn.Parameter, value: torch.Tensor) -> None:
    """Give a parameter, shared out or not, the values of a whole tensor."""
    parameter.copy_(_like(value, parameter))


def load_optimizer(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Give an optimizer the state that `whole` made of another one's.

    Parameters
    ----------
    optimizer
        For the same parameters, which may be shared out.
    state
        Of the same kind of optimizer.
    """
    parameters = [one for group in optimizer.param_groups for one in group["params"]]
    numbers = [number for group in state["param_groups"] for number in group["params"]]
    values = {
        number: {name: _like(value, parameter) for name, value in state["state"][number].items()}
        for number, parameter in zip(numbers, parameters, strict=True)
        if number in state["state"]
    }
    optimizer.load_state_dict(state | {"state": values})


def _like(value: Any, parameter: nn.Parameter) -> Any:
    """A tensor of the parameter's shape, shared out as the parameter is."""
    if isinstance(parameter, DTensor) and isinstance(value, torch.Tensor) and value.shape == parameter.shape:
        mesh: Any = parameter.device_mesh
        return distribute_tensor(value.to(mesh.device_type), mesh, parameter.placements)
    return value


def share_of(items: Sequence[Any], world: World) -> Iterable[Any]:
    """Every item belongs to one process."""
    return items[world.rank :: world.size]
