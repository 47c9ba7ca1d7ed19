"""Recognition: `protocol` says what an engine is, one file per engine, none knows another."""

from panglot.engines.protocol import DecodeOptions, Encoded, Engine, EngineInfo, Hypothesis, Mel, Piece, Request

__all__ = ["DecodeOptions", "Encoded", "Engine", "EngineInfo", "Hypothesis", "Mel", "Piece", "Request"]
