"""Which precision is chosen where, and why."""

from __future__ import annotations

import pytest
import torch

from panglot.errors import DeviceError, OptionError
from panglot.training.precision import PRECISIONS, choose
from panglot.training.precision.choice import Hardware, decide, hardware

OLD_CPU = Hardware(device="cpu", name="Old CPU", instructions=frozenset({"avx2"}))
NEW_CPU = Hardware(device="cpu", name="New CPU", instructions=frozenset({"avx2", "avx512_bf16"}))
TILES_CPU = Hardware(device="cpu", name="Tiles CPU", instructions=frozenset({"avx512_bf16", "amx_bf16"}))
VOLTA = Hardware(device="cuda:0", name="Volta", capability=(7, 0))
AMPERE = Hardware(device="cuda:1", name="Ampere", capability=(8, 0))
ADA = Hardware(device="cuda:0", name="Ada", capability=(8, 9))
HOPPER = Hardware(device="cuda:0", name="Hopper", capability=(9, 0))


@pytest.mark.parametrize(
    ("device", "precision", "because"),
    [
        (OLD_CPU, "fp32", "neither AMX nor AVX512-BF16"),
        (NEW_CPU, "bf16", "avx512_bf16"),
        (TILES_CPU, "bf16", "amx_bf16"),
        (VOLTA, "fp16", "compute capability 7.0: has no bf16"),
        (AMPERE, "bf16", "compute capability 8.0: has bf16"),
        (HOPPER, "bf16", "compute capability 9.0"),
    ],
    ids=lambda value: value.name if isinstance(value, Hardware) else None,
)
def test_auto_takes_what_the_hardware_computes_and_says_why(device: Hardware, precision: str, because: str) -> None:
    choice = decide("auto", device)
    assert (choice.precision, choice.device) == (precision, device.device)
    assert because in choice.reason
    assert device.name in choice.reason


@pytest.mark.parametrize(
    ("precision", "device"),
    [("tf32", OLD_CPU), ("fp8", TILES_CPU), ("tf32", VOLTA), ("bf16", VOLTA), ("fp8", AMPERE)],
    ids=lambda value: value.name if isinstance(value, Hardware) else None,
)
def test_what_the_hardware_does_not_have_is_refused(precision: str, device: Hardware) -> None:
    with pytest.raises(DeviceError, match=precision):
        decide(precision, device)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_what_was_asked_for_is_taken(precision: str) -> None:
    assert decide(precision, HOPPER).precision == precision
    assert decide(precision, ADA).reason == "asked for"


def test_a_precision_that_a_cpu_computes_slowly_says_so() -> None:
    assert "slow" in decide("fp16", TILES_CPU).reason
    assert "slow" in decide("bf16", OLD_CPU).reason
    assert decide("bf16", NEW_CPU).reason == "asked for"


def test_the_cpu_here_is_looked_at() -> None:
    here = hardware("cpu")
    assert here.capability is None
    assert here.instructions <= set(torch.cpu.get_capabilities())
    assert choose(device="cpu") == decide("auto", here)


def test_an_unknown_precision_is_refused_with_what_there_is() -> None:
    with pytest.raises(OptionError, match="'half' is not a precision; use auto or one of fp32, tf32"):
        choose("half", device="cpu")


@pytest.mark.parametrize("device", ["toaster", "meta", f"cuda:{torch.cuda.device_count() + 1}"])
def test_an_impossible_device_is_refused(device: str) -> None:
    with pytest.raises(DeviceError):
        choose(device=device)


def test_auto_finds_a_device() -> None:
    assert choose("fp32").device == ("cuda:0" if torch.cuda.is_available() else "cpu")
