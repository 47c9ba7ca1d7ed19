"""A training run from its settings to its report, and the folder it lives in.

::

    settings.json   what was asked for             log.jsonl, tensorboard/   each step and measurement
    rejected.jsonl  rows that could not be used    checkpoints/step-000123/  all it takes to go on
    best/           the weights with the lowest    last.json                 where the run is
                    error rates, to be imported    report.html               how it went
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from panglot.corpora import Corpus
from panglot.errors import OptionError, TrainingError
from panglot.files import write_file
from panglot.models import Store
from panglot.training.checkpoints import Checkpoints, Record, check_model
from panglot.training.compiling import check_compiler
from panglot.training.distributed import World, joined, load_optimizer, whole
from panglot.training.folder import BEST, CHECKPOINTS, LAST, take_folder, write_rejected
from panglot.training.greedy import Greedy
from panglot.training.listener import Listener, Plan, Silence, Step, Validation
from panglot.training.logbook import Logbook
from panglot.training.loop import Duties, Ending, Loop, Parts, Position, random_state, seed_all, set_random_state
from panglot.training.network import Network, choose_trained
from panglot.training.optimisation import Average, Length, Schedule, make_optimizer
from panglot.training.precision import MixedPrecision
from panglot.training.report import write_report
from panglot.training.saving import save_model
from panglot.training.settings import Settings
from panglot.training.sources import Sources, check_data
from panglot.training.validation import Validator
from panglot.training.whisper import load_trainable

_ENDINGS: dict[Ending, str] = {
    "finished": "The run is finished.",
    "early": "The run ended early: its error rates did not get better any more.",
    "interrupted": "The run was interrupted and can go on.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run."""

    folder: Path
    ending: Ending
    step: int
    """Steps that were made."""
    best: float | None
    """The lowest mean error rate; None without validation data."""
    best_step: int


def _never() -> bool:
    return False


def train(
    settings: Settings,
    *,
    listener: Listener | None = None,
    stop: Callable[[], bool] = _never,
    resume: bool = False,
    world: World | None = None,
    store: Store | None = None,
) -> Outcome:
    """Train a model.

    On a CPU the same settings, data and number of processes give the same weights, bit for bit, however often the run
    was interrupted.

    Parameters
    ----------
    settings
        Of the run.
    listener
        Told in the first process how it goes.
    stop
        Asked after each step, and during validation: whether to save and leave.
    resume
        Go on with the run in the output folder, if there is one.
    world
        This process among those that train together; alone unless given.
    store
        Where weights are kept; the user's cache folder unless given.

    Returns
    -------
    Outcome
        The folder, and how it ended.

    Raises
    ------
    OptionError
        If the settings cannot be used, among them the output folder.
    CorpusError
        If the data cannot be used.
    ModelError
        If the base cannot be loaded.
    DeviceError
        If the device or the precision is not available.
    TrainingError
        If the run cannot go on: the loss is not a number, memory does not suffice, the checkpoint is of another model.
    OutputError
        If something cannot be written.
    """
    world = world or World()
    settings = settings.limited
    settings.check_whole()
    device = world.device(settings.device)
    check_data(settings)
    if settings.compile:
        check_compiler(device)
    with joined(world, device=device):
        world.in_first(lambda: take_folder(settings, resume=resume))  # nobody goes on before the folder is there
        seed_all(settings.seed)
        try:
            run = _Run(settings, world=world, device=device, store=store, listener=listener, stop=stop)
            return run.train()
        except torch.OutOfMemoryError as error:
            raise TrainingError(
                f"the weights and what the optimizer keeps do not fit into the memory of {device} ({error}). "
                "Train less of the network with --lora 16 or --freeze encoder, or share it out with --distributed fsdp."
            ) from error


class _Run:
    """All parts of a run, put together."""

    def __init__(
        self,
        settings: Settings,
        *,
        world: World,
        device: str,
        store: Store | None,
        listener: Listener | None,
        stop: Callable[[], bool],
    ) -> None:
        self._settings = settings
        self._world = world
        self._folder = Path(settings.output)
        self._listener: Listener = listener if listener is not None and world.is_first else Silence()
        self._stop = stop
        self._checkpoints = Checkpoints(self._folder / CHECKPOINTS)
        # Before anything that takes long: a checkpoint that does not fit is an error at once.
        self._trainable = load_trainable(settings.base, store=store)
        found = self._find_checkpoint()
        self._sources = Sources(settings, self._trainable)
        self._recipe = MixedPrecision(settings.precision, device=device)
        self._network = self._make_network()
        self._average = None if settings.ema is None else Average(self._network.trained().values(), decay=settings.ema)
        self._optimizer = make_optimizer(self._recipe.parameters(self._network.module), settings)
        self._length = self._make_length()
        self._schedule = Schedule(
            self._optimizer, rate=settings.rate, warmup=settings.warmup, progress=self._length.share / 2
        )
        self._batches = self._sources.open(world, epochs=settings.epochs)
        self._position = Position(parts=settings.parts)
        seed_all(settings.seed + world.rank)  # from here on each process drops out for itself
        if found is not None:
            self._go_back(*found)
        self._logbook = Logbook(self._folder, step=self._position.step) if world.is_first else None

    def train(self) -> Outcome:
        """Train, and write the report whatever happens."""
        ending = "The run broke off."
        try:
            self._begin()
            outcome = self._train()
            ending = _ENDINGS[outcome.ending]
            return outcome
        except TrainingError as error:
            ending = f"The run broke off: {error}"
            self._note(ending)
            raise
        finally:
            if self._logbook is not None:
                self._logbook.close()
                write_report(self._folder, self._settings, ending=ending)

    def _train(self) -> Outcome:
        at = self._position
        ending = self._make_loop().run()
        if self._sources.validation is None and ending != "interrupted":
            at.best_step = at.step
            self._save_best()
        if self._world.is_first:
            self._write_last(ending)
        return Outcome(folder=self._folder, ending=ending, step=at.step, best=at.best, best_step=at.best_step)

    def _make_network(self) -> Network:
        module: Any = self._trainable.module
        choose_trained(module, self._settings)
        return Network(self._recipe.prepare(module), settings=self._settings, world=self._world)

    def _make_length(self) -> Length:
        settings, training = self._settings, self._sources.training
        audio, batch = None, settings.batch_seconds
        if isinstance(training, Corpus):
            batch = min(batch, settings.batch_samples * training.seconds / len(training.samples))
            audio = None if settings.epochs is None else training.seconds * settings.epochs
        if audio is None and settings.steps is None and settings.hours is None:
            raise OptionError("the length of shards is not known beforehand. Say with --steps or --hours when to end.")
        return Length(
            steps=settings.steps,
            audio=audio,
            clock=None if settings.hours is None else settings.hours * 3_600,
            step_audio=batch * settings.accumulate * self._world.size,
        )

    def _make_loop(self) -> Loop:
        parts = Parts(
            network=self._network,
            recipe=self._recipe,
            optimizer=self._optimizer,
            schedule=self._schedule,
            average=self._average,
            batches=self._batches,
            mel_bands=self._trainable.mel_bands,
            world=self._world,
        )
        duties = Duties(
            stepped=self._stepped,
            noted=self._note,
            save=self._save,
            validate=self._make_validate(),
            validated=self._validated,
            stop=self._stop,
        )
        return Loop(parts, settings=self._settings, length=self._length, position=self._position, duties=duties)

    def _make_validate(self) -> Callable[[int], Validation] | None:
        if self._sources.validation is None:
            return None
        validator = Validator(
            self._sources.validation,
            greedy=Greedy(self._trainable),
            open_batches=self._sources.open_validation,
            world=self._world,
        )

        def validate(step: int) -> Validation:
            with self._averaged():
                return validator.measure(self._network, self._recipe, step=step, stop=self._stop)

        return validate

    def _begin(self) -> None:
        corpora = [one for one in (self._sources.training, self._sources.validation) if isinstance(one, Corpus)]
        rows = tuple(row for corpus in corpora for row in corpus.rejected)
        if self._logbook is None:
            return
        write_rejected(self._folder, rows)
        if rows:
            self._listener.rejected(rows)
        training = self._sources.training
        plan = Plan(
            base=self._settings.base,
            precision=self._recipe.precision,
            reason=self._recipe.reason,
            device=str(self._recipe.device),
            trained=sum(one.numel() for one in self._network.trained().values()),
            weights=sum(one.numel() for one in self._network.module.parameters()),
            samples=len(training.samples) if isinstance(training, Corpus) else None,
            audio=training.seconds if isinstance(training, Corpus) else None,
            step=self._position.step,
        )
        self._logbook.began(plan)
        self._listener.began(plan)

    def _stepped(self, step: Step) -> None:
        if self._logbook is not None:
            self._logbook.stepped(step)
        self._listener.stepped(step)

    def _note(self, text: str) -> None:
        if self._logbook is not None:
            self._logbook.noted(text, step=self._position.step)
        self._listener.noted(text)

    def _validated(self, validation: Validation) -> None:
        if validation.best:
            self._save_best()
        if self._logbook is not None:
            self._logbook.validated(validation)
        self._listener.validated(validation)

    def _averaged(self) -> AbstractContextManager[None]:
        return nullcontext() if self._average is None else self._average.swapped()

    def _save_best(self) -> None:
        with self._averaged():
            save_model(
                self._trainable,
                self._network,
                settings=self._settings,
                world=self._world,
                folder=self._folder / BEST,
            )

    def _save(self) -> None:
        """Write a checkpoint; every process takes part, the first writes."""
        device = self._network.device
        state = {
            "model": self._network.state_dict(),
            "optimizer": whole(self._optimizer.state_dict()),
            "recipe": self._recipe.state_dict(),
            "schedule": self._schedule.state_dict(),
            "average": None if self._average is None else whole(self._average.state_dict()),
            "position": asdict(self._position),
            "processes": self._world.gathered(
                {"random": whole(random_state(device)), "batches": self._batches.state_dict()}
            ),
        }
        self._world.in_first(lambda: self._keep(state))

    def _keep(self, state: dict[str, Any]) -> None:
        self._checkpoints.write(
            state, step=self._position.step, model=self._trainable.sha256, processes=self._world.size
        )
        self._write_last(None)

    def _write_last(self, ending: Ending | None) -> None:
        at = self._position
        value = {
            "step": at.step,
            "checkpoint": f"{CHECKPOINTS}/step-{at.step:06d}",
            "best": at.best,
            "best_step": at.best_step,
            "ending": ending,
        }
        write_file(self._folder / LAST, json.dumps(value, indent=2) + "\n")

    def _find_checkpoint(self) -> tuple[Record, dict[str, Any]] | None:
        found = self._checkpoints.newest()
        if found is None:
            return None
        record = found[0]
        check_model(record, name=self._settings.base, sha256=self._trainable.sha256, folder=self._folder)
        if record.processes != self._world.size:
            raise TrainingError(
                f"the checkpoint of step {record.step} in {self._folder} was written by {record.processes} processes "
                f"that trained together, and these are {self._world.size}. Start as many as before."
            )
        return found

    def _go_back(self, record: Record, state: dict[str, Any]) -> None:
        """Become what the checkpoint was made of."""
        try:
            self._network.load_state_dict(state["model"])
            load_optimizer(self._optimizer, state["optimizer"])
            self._recipe.load_state_dict(state["recipe"])
            self._schedule.load_state_dict(state["schedule"])
            if self._average is not None:
                self._average.load_state_dict(state["average"])
            mine = state["processes"][self._world.rank]
            self._batches.load_state_dict(mine["batches"])
            set_random_state(mine["random"], self._network.device)
            self._position = Position(**state["position"])
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise TrainingError(
                f"the checkpoint of step {record.step} in {self._folder} does not fit this run ({error!r}). "
                "Start a new run with another --output; the checkpoint stays as it is."
            ) from error
        self._position.parts = max(self._position.parts, self._settings.parts)
