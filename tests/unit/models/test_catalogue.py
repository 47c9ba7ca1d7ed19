import re

import pytest

from panglot.models import CATALOGUE, DEFAULT_MODEL, VAD_MODEL
from panglot.models.catalogue import Entry, Hub, InstalledFiles, WheelFile

ENTRIES = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE.keys())


@ENTRIES
def test_every_file_is_pinned_by_size_and_hash(entry: Entry) -> None:
    names = [file.name for file in entry.files]

    assert len(set(names)) == len(names) > 0
    for file in entry.files:
        assert file.bytes > 0
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)


@ENTRIES
def test_every_source_offers_every_file_at_a_fixed_version(entry: Entry) -> None:
    assert entry.sources
    for source in entry.sources:
        match source:
            case Hub(revision=revision):
                assert re.fullmatch(r"[0-9a-f]{40}", revision)
            case InstalledFiles(parts=parts) | WheelFile(parts=parts):
                assert set(parts) == {file.name for file in entry.files}
                assert all(parts.values())


@ENTRIES
def test_local_sources_come_before_the_network(entry: Entry) -> None:
    remote = [not isinstance(source, InstalledFiles) for source in entry.sources]

    assert remote == sorted(remote)


@ENTRIES
def test_a_recogniser_has_what_an_engine_loads(entry: Entry) -> None:
    names = {file.name for file in entry.files}

    if entry.kind == "whisper":
        assert {"model.bin", "config.json", "tokenizer.json"} <= names
        assert names & {"vocabulary.txt", "vocabulary.json"}
    assert entry.bytes == sum(file.bytes for file in entry.files)


def test_defaults_are_in_the_catalogue() -> None:
    assert CATALOGUE[DEFAULT_MODEL].kind == "whisper"
    assert CATALOGUE[VAD_MODEL].kind == "vad"
