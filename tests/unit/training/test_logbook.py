from pathlib import Path

from panglot.training.listener import Score, Step, Validation
from panglot.training.logbook import Logbook, read_log
from panglot.training.report import write_report
from panglot.training.settings import Settings


def make_step(number: int, *, gradient_norm: float = 1.0) -> Step:
    return Step(
        step=number,
        epoch=0,
        progress=number / 4,
        loss=3.0 / number,
        learning_rate=1e-5,
        gradient_norm=gradient_norm,
        applied=gradient_norm < 10.0,
        overflowed=(),
        scale=65_536.0,
        skipped=0,
        audio=10.0,
        tokens=20,
        micro_batches=1,
        clock=number,
        rate=0.1,
        left=None,
    )


def test_steps_after_the_checkpoint_are_forgotten(tmp_path: Path) -> None:
    log = Logbook(tmp_path, step=0)
    for number in (1, 2, 3):
        log.stepped(make_step(number))
    log.close()
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"kind": "step", "st')  # cut off by a crash
    log = Logbook(tmp_path, step=2)
    log.noted("again", step=2)
    log.stepped(make_step(3, gradient_norm=float("inf")))
    log.close()
    rows = read_log(tmp_path)
    assert [(row["kind"], row["step"]) for row in rows] == [("step", 1), ("step", 2), ("note", 2), ("step", 3)]
    assert rows[-1]["gradient_norm"] is None
    assert list((tmp_path / "tensorboard").iterdir())


def test_the_report_is_one_page_that_needs_nothing_else(tmp_path: Path) -> None:
    log = Logbook(tmp_path, step=0)
    for number, rate in ((0, 0.5), (2, 0.25)):
        scores = (Score(language="de", samples=3, wer=rate, cer=rate / 2),)
        log.validated(Validation(step=number, loss=1.0, scores=scores, best=True))
        log.stepped(make_step(number + 1))
    log.noted("<b>careful</b>", step=1)
    log.close()
    settings = Settings(data="x", output=str(tmp_path))
    page = write_report(tmp_path, settings, ending="The run is finished.").read_text()
    assert page.count("<svg") == 5
    assert "<td>50.0%<td>25.0%" in page
    assert "&lt;b&gt;careful&lt;/b&gt;" in page
    assert "<script" not in page
    assert page == write_report(tmp_path, settings, ending="The run is finished.").read_text()
