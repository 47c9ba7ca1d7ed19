"""What is said where a part of Panglot is not installed."""

from __future__ import annotations

import pytest

from panglot.cli import extras
from panglot.errors import OptionError


def test_what_is_missing_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "_TRAINING", ("json", "nothing_of_this_name", "nothing.of.this.name"))
    with pytest.raises(OptionError, match=r"nothing_of_this_name, nothing\.of\.this\.name.*'panglot\[train\]'"):
        extras.require_training()


def test_where_all_is_there_nothing_is_said() -> None:
    extras.require_evaluation()
