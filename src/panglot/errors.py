"""Every error Panglot raises, on one page.

::

    PanglotError
    ├── AudioError                the recording cannot be used
    │   ├── AudioMissingError         no such file, a directory, or not readable
    │   ├── AudioFormatError          empty, not audio, damaged beyond use, or impossible parameters
    │   └── AudioLimitError           decoding needed more memory or time than allowed
    ├── OptionError               an option's value is not usable
    │   └── LanguageError             not one of the 99 languages
    ├── ModelError                the model cannot be used
    │   ├── ModelUnknownError         no model of that name, no such directory
    │   ├── WeightsMissingError       weights are not there and cannot be had
    │   └── WeightsCorruptError       weights are there, but not the bytes that were published
    ├── DeviceError               the device or compute type is not available here
    └── OutputError               the result cannot be written

Each message says what was given, what is allowed, and what to do. ``code`` is stable: programs and the HTTP layer rely
on it, texts may change.
"""


class PanglotError(Exception):
    """Root of all errors raised on purpose."""

    code = "panglot_error"


class AudioError(PanglotError):
    """The recording cannot be used."""

    code = "audio_error"


class AudioMissingError(AudioError):
    """There is no readable file where the recording should be."""

    code = "audio_missing"


class AudioFormatError(AudioError):
    """The recording is empty, is not audio, or is damaged beyond use."""

    code = "audio_format"


class AudioLimitError(AudioError):
    """Decoding the recording needed more memory or time than allowed."""

    code = "audio_limit"


class OptionError(PanglotError):
    """An option has a value that cannot be used."""

    code = "option_invalid"


class LanguageError(OptionError):
    """A language is not one of the 99."""

    code = "language_unknown"


class ModelError(PanglotError):
    """The model cannot be used."""

    code = "model_error"


class ModelUnknownError(ModelError):
    """There is no model of that name, and no directory either."""

    code = "model_unknown"


class WeightsMissingError(ModelError):
    """The weights are not on this machine and could not be fetched."""

    code = "weights_missing"


class WeightsCorruptError(ModelError):
    """The weights are on this machine, but are not the bytes that were published."""

    code = "weights_corrupt"


class DeviceError(PanglotError):
    """The device or the compute type is not available on this machine."""

    code = "device_unavailable"


class OutputError(PanglotError):
    """The result cannot be written where it was asked for."""

    code = "output_failed"
