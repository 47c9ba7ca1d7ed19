"""What is made of the figures."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from panglot.training.comparison.records import Comparison, Memory, Operator, Row, Split
from panglot.training.comparison.report import to_html, to_json, to_markdown
from panglot.training.comparison.verdict import figures, recommended, verdict

FP32 = Row(
    precision="fp32",
    step=0.3,
    batch_size=8,
    split=Split(data=0.0, forward=0.1, backward=0.15, optimizer=0.05, synchronisation=0.0),
    memory=Memory(parameters=400, gradients=400, optimizer=800, activations=1000, peak=4000),
    losses=(4.0, 3.0, 2.0, 1.0),
    scales=(1.0,) * 4,
    cosines=(1.0, 1.0),
    operators=(
        Operator(name="mm", dtype="float32", calls=4, seconds=0.09, matrix=True),
        Operator(name="gelu", dtype="float32", calls=2, seconds=0.01, matrix=False),
    ),
)
BF16 = replace(
    FP32,
    precision="bf16",
    step=0.1,
    cosines=(0.9999, 0.9995),
    losses=(4.0, 3.0, 2.0, 1.01),
    memory=Memory(parameters=400, gradients=400, optimizer=800, activations=500, peak=3000),
    operators=(Operator(name="mm", dtype="bfloat16", calls=4, seconds=0.02, matrix=True),),
)


def comparison(*rows: Row) -> Comparison:
    return Comparison(workload="a network", device="a device", compiled=False, rows=rows)


def test_what_is_faster_and_learns_alike_is_recommended() -> None:
    both = comparison(FP32, BF16)
    assert recommended(both) is BF16
    assert both.speedup(BF16) == pytest.approx(3.0)
    text = verdict(both)[0]
    assert "Train in bf16: 3.00 times the throughput of IEEE fp32" in text
    assert "0.9995" in text


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        ({"cosines": (0.99, 0.5)}, "gradients differ"),
        ({"cosines": (float("nan"), 1.0)}, "gradients differ"),
        ({"losses": (4.0, 4.0, 4.0, 2.0)}, "loss differs by 100.0 %"),
        ({"skipped": 3}, "3 of 4 steps were skipped"),
    ],
)
def test_what_learns_otherwise_is_not(change: dict[str, object], doubt: str) -> None:
    other = replace(BF16, **change)
    both = comparison(FP32, other)
    assert recommended(both) is FP32
    assert doubt in " ".join(verdict(both))


def test_what_is_hardly_faster_is_not() -> None:
    assert recommended(comparison(FP32, replace(BF16, step=0.295))) is FP32


def test_what_did_not_run_says_why() -> None:
    failed = Row(precision="fp16", reason="the loss is nan at step 3")
    text = " ".join(verdict(comparison(FP32, failed)))
    assert "fp16 did not run: the loss is nan at step 3." in text


def test_the_baseline_alone_is_no_advice() -> None:
    assert verdict(comparison(FP32))[0] == "Only IEEE fp32 ran (300.0 ms a step with a batch of 8)."


def test_nothing_is_said_without_a_baseline() -> None:
    alone = comparison(Row(precision="fp32", reason="out of memory"), BF16)
    assert recommended(alone) is None
    assert "nothing to compare with: out of memory" in verdict(alone)[0]
    assert "speedup" not in figures(alone)


def test_amdahls_limit_is_that_of_the_baseline() -> None:
    both = comparison(FP32, BF16)
    assert both.amdahl() == pytest.approx(10.0)
    assert "can give more than 10.0 times" in verdict(both)[-1]


def test_figures_have_the_names_that_can_be_required() -> None:
    found = figures(comparison(FP32, BF16))
    assert found["speedup"] == found["speedup.bf16"] == pytest.approx(3.0)
    assert found["parity"] == 0.9995
    assert found["memory.bf16"] == 0.75
    assert found["loss.bf16"] == pytest.approx(0.01)
    assert found["speedup.fp32"] == 1.0


def test_a_row_survives_its_way_between_processes() -> None:
    assert Row.from_plain(json.loads(json.dumps(asdict(BF16)))) == BF16


def test_reports_hold_every_precision_and_nothing_is_markup() -> None:
    hostile = Row(precision="fp16", reason="<script>alert(1)</script> | it failed")
    everything = comparison(FP32, BF16, hostile)
    page = to_html(everything)
    assert "<script>" not in page
    assert page.count("<svg") == 2
    assert "&lt;script&gt;" in page
    assert "\\| it failed" in to_markdown(everything)
    plain = json.loads(to_json(comparison(FP32, replace(BF16, cosines=(float("nan"),)))))
    assert [row["precision"] for row in plain["rows"]] == ["fp32", "bf16"]
    assert plain["rows"][1]["cosines"] == ["nan"]
