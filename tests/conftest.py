"""What all tests share."""

import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

# Whoever starts the tests in the background may have interrupts ignored, and processes of the tests would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine may pause for any time: how long an example takes says nothing about it.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

sys.path.insert(0, str(ROOT / "benchmarks"))  # the makers of small recordings live there, with the fuzz run


@pytest.fixture(scope="session")
def speech_set() -> Path:
    """Directory of recorded speech, beside the repository."""
    folder = ROOT.parent / "shared" / "speech"
    if not folder.is_dir():
        pytest.skip("the recorded speech is not here (../shared/speech)")
    return folder
