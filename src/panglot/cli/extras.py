"""Parts of Panglot that are installed only where they are wanted."""

from __future__ import annotations

import logging
from importlib.util import find_spec

from panglot.errors import OptionError

_TRAINING = ("torch", "transformers", "lhotse", "safetensors", "matplotlib", "jiwer")
_EVALUATION = ("jiwer", "matplotlib", "pyannote.metrics", "scipy", "whisper_normalizer")
_NOISY = ("torchao", "torch.utils._pytree")
"""They complain when they are imported about parts that are not used here."""


def require_training() -> None:
    """Make ready for what training imports, which is then silent; raise an OptionError where it is not installed."""
    _require("train", _TRAINING)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)


def require_evaluation() -> None:
    """Raise an OptionError that says what to install where the packages for evaluation are not there."""
    _require("evaluation", _EVALUATION)


def _require(extra: str, packages: tuple[str, ...]) -> None:
    missing = [name for name in packages if not _is_there(name)]
    if missing:
        raise OptionError(
            f"this command needs packages that are not installed: {', '.join(missing)}. "
            f"Install them with `pip install 'panglot[{extra}]'`"
        )


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:  # of the package around it
        return False
