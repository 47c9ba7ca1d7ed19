"""Any file or stream → float32 samples at 16 kHz, and features from them."""

from panglot.audio.features import log_mel
from panglot.audio.protocol import AudioInfo, DecodeLimits
from panglot.audio.stream import AudioStream, open_audio

__all__ = ["AudioInfo", "AudioStream", "DecodeLimits", "log_mel", "open_audio"]
