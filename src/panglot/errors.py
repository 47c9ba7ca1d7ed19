"""Every error Panglot raises, on one page.

::

    PanglotError
    ├── AudioError                the recording cannot be used
    │   ├── AudioMissingError         no such file, a directory, or not readable
    │   ├── AudioFormatError          empty, not audio, damaged beyond use, or impossible parameters
    │   └── AudioLimitError           decoding needed more memory or time than allowed
    ├── OptionError               an option's value is not usable
    │   ├── LanguageError             not one of the 99 languages
    │   └── CorpusError               a manifest of recordings and their texts that cannot be used
    ├── ModelError                the model cannot be used
    │   ├── ModelUnknownError         no model of that name, no such directory
    │   ├── WeightsMissingError       weights are not there and cannot be had
    │   └── WeightsCorruptError       weights are there, but not the bytes that were published
    ├── DeviceError               the device or compute type is not available here
    ├── OutputError               the result cannot be written
    ├── TrainingError             a training run cannot go on
    ├── StorageError              the database or the object store cannot be used
    └── ServiceError              a request to the service cannot be met
        ├── RequestError              it asks for something that is not possible
        ├── AuthError                 no key, or not a valid one
        ├── ForbiddenError            it belongs to somebody else
        ├── NotFoundError             there is no such thing, or not for this project
        ├── TooLargeError             more bytes or seconds than allowed
        └── BusyError                 more than can be taken on now; try again later

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


class CorpusError(OptionError):
    """A manifest of recordings and their texts cannot be used, or holds nothing that can be."""

    code = "corpus_unusable"


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


class TrainingError(PanglotError):
    """A training run cannot start or go on."""

    code = "training_failed"


class StorageError(PanglotError):
    """The database or the object store cannot be used."""

    code = "storage_failed"


class ServiceError(PanglotError):
    """A request to the service cannot be met."""

    code = "service_error"


class RequestError(ServiceError):
    """A request asks for something that is not possible."""

    code = "request_invalid"


class AuthError(ServiceError):
    """There is no key, or it is not a valid one."""

    code = "unauthorized"


class ForbiddenError(ServiceError):
    """What was asked for belongs to another project."""

    code = "forbidden"


class NotFoundError(ServiceError):
    """There is no such thing, or not for this project."""

    code = "not_found"


class ConflictError(ServiceError):
    """The thing is not in the state that the request takes for granted."""

    code = "conflict"

    def __init__(self, message: str, *, latest: int | None = None) -> None:
        super().__init__(message)
        self.latest = latest
        """Number of the revision that is the latest now, where that is the reason."""


class TooLargeError(ServiceError):
    """More bytes or seconds than allowed."""

    code = "too_large"


class BusyError(ServiceError):
    """More than can be taken on now."""

    code = "busy"

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds after which to try again."""
