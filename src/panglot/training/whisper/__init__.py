"""Whisper models as modules that can be trained: read exactly, written exactly."""

from panglot.training.whisper.reading import load_trainable
from panglot.training.whisper.trainable import Trainable
from panglot.training.whisper.writing import save_trainable, write_served

__all__ = ["Trainable", "load_trainable", "save_trainable", "write_served"]
