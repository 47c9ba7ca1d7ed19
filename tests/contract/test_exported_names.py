"""What a package says it exports is there, and all of it is documented."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import panglot

LIBRARY = Path(__file__).parents[2] / "docs" / "reference" / "library.md"
PACKAGES = [
    "panglot",
    *(found.name for found in pkgutil.walk_packages(panglot.__path__, "panglot.") if found.ispkg),
]


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(request.param)


def test_every_exported_name_exists_once_and_in_order(package: ModuleType) -> None:
    names = getattr(package, "__all__", [])
    assert [name for name in names if not hasattr(package, name)] == []
    assert len(set(names)) == len(names)


def test_every_exported_class_and_function_is_documented(package: ModuleType) -> None:
    members = {name: getattr(package, name) for name in getattr(package, "__all__", [])}
    described = {name for name, value in members.items() if inspect.isclass(value) or inspect.isfunction(value)}
    assert [name for name in sorted(described) if not inspect.getdoc(members[name])] == []


def test_the_public_face_is_a_list_and_the_reference_names_all_of_it() -> None:
    page = LIBRARY.read_text(encoding="utf-8")
    assert [name for name in panglot.__all__ if f"`{name}" not in page] == []


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = panglot.no_such_name
