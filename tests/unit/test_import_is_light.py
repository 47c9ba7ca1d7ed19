"""`import panglot` costs next to nothing: heavy libraries are loaded by those who use them."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"av", "ctranslate2", "huggingface_hub", "numpy", "onnxruntime", "tokenizers", "torch"}


def loaded(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has loaded after some code."""
    script = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import panglot",
        "import panglot; panglot.Transcript, panglot.Word, panglot.PanglotError, panglot.__version__",
        "import panglot.transcripts; panglot.transcripts.FORMATS",
        "import panglot.language; panglot.language.normalise('pt-BR')",
        "from panglot.models import CATALOGUE, Store",
        "from panglot.testing import make_transcript; make_transcript().to('srt')",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    assert loaded(code) & HEAVY == set()


def test_what_is_needed_is_loaded_when_it_is_used() -> None:
    assert {"numpy"} <= loaded("import panglot; panglot.load")


def test_loading_the_library_loads_no_network_runtime_yet() -> None:
    assert loaded("import panglot; panglot.load, panglot.Model") & (HEAVY - {"numpy"}) == set()
