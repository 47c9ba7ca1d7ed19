"""The recipes of the repository: each makes settings, and leaves paths to whoever runs it."""

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from panglot.errors import OptionError
from panglot.training.settings import Settings

RECIPES = Path(__file__).parents[3] / "recipes"


def functions(file: str) -> dict[str, Any]:
    names = runpy.run_path(str(RECIPES / file))
    return {name: value for name, value in names.items() if callable(value) and name != "Settings"}


@pytest.mark.parametrize("file", sorted(path.name for path in RECIPES.glob("*.py")))
def test_a_recipe_says_what_it_leaves_to_be_given(file: str) -> None:
    found = functions(file)
    assert found
    for recipe in found.values():
        settings = recipe()
        assert isinstance(settings, Settings)
        with pytest.raises(OptionError, match=r"give DATA, --validation DATA, --output DIR: panglot train RECIPE"):
            settings.check_whole()
        with pytest.raises(OptionError, match=r"to you to give --validation DATA: "):
            replace(settings, data="a.jsonl", output="run").check_whole()
        replace(settings, data="a.jsonl", validation="b.jsonl", output="run").check_whole()
