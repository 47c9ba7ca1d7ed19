"""What is said on the radio of a harbour that does not exist: patterns, and the names that fill them.

All of it was written for this benchmark. No pattern is in two of the three parts. The names of `NAMES` are in all
parts, which is what teaching a domain means; those of `STRANGERS` are in the test only.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

Names = dict[str, tuple[str, ...]]

NAMES: Names = {
    "ship": ("Brannoch", "Selkie Dawn", "Veldemar", "Ondrasil", "Tamsin Reef", "Kittiwray", "Halvorsund", "Morvane"),
    "place": ("Quernmoor", "Skelhaven", "Ulvick", "Pellarn", "Dorrowby", "Crannish Point"),
    "buoy": ("Gannock", "Threlbar", "Wyke Stane", "Ostrel"),
    "person": ("Ewart Quillane", "Maren Thusk", "Iben Carrow", "Osric Vane"),
    "thing": ("the hespel gate", "the drummel", "the skaw light", "the tarrel winch", "the lodesman"),
}
STRANGERS: Names = {
    "ship": ("Yestrel", "Caldrune", "Ivy Marrack"),
    "place": ("Thornwick Sluys", "Brevane", "Ansgarth"),
    "buoy": ("Pollick", "Hurnsey"),
    "person": ("Lowen Tarbray", "Signy Ferrold"),
    "thing": ("the gannel hook", "the wrastle boom"),
}
FILLERS: Names = {
    "number": ("two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "side": ("port", "starboard"),
    "wind": ("northerly", "southerly", "easterly", "westerly"),
    "when": ("at noon", "before dusk", "within the hour", "at first light", "on the next tide"),
}
TRAINING = (
    "{place} Harbour, this is {ship}, requesting berth {number}.",
    "{ship}, {place} Harbour, proceed to berth {number} and wait for {thing}.",
    "All ships, the {buoy} buoy is out of position, keep well to {side}.",
    "{person} is on watch at {place} until the evening.",
    "{ship} has passed {buoy} and will reach {place} {when}.",
    "Please tell {person} that {thing} is out of order again.",
    "Wind {wind}, force {number}, visibility good from {place} to {buoy}.",
    "{ship}, you are standing into danger, turn to {side} at once.",
    "The pilot boat leaves {place} {when} with {person} on board.",
    "{thing} will open {when} for {ship}.",
    "We are taking water near {buoy}, this is {ship}, over.",
    "{person} asked for a tow from {buoy} to {place}.",
    "Nothing larger than {ship} may pass {thing} today.",
    "{ship} and {ship2} will meet off {buoy}, {side} side to {side}.",
    "The ferry to {place} is late because of fog at {buoy}.",
    "Repair of {thing} will take {number} days, says {person}.",
    "{ship} is anchored {number} cables from the {buoy} buoy.",
    "From {place} we can see {ship} and {ship2}.",
)
VALIDATION = (
    "{person} will come aboard {ship} at {place}.",
    "Keep {thing} closed while {ship} is turning.",
    "Two boats from {place} are fishing near {buoy}.",
    "{ship} reports a broken mast off {buoy}.",
    "Who is using {thing} now, {person} or the crew of {ship}?",
    "Fresh water for {ship} is ready in {place} {when}.",
)
TEST = (
    "Good morning {place}, {ship} is ready to sail.",
    "There is ice between {buoy} and {place}, please warn {ship}.",
    "{person} has the keys of {thing}.",
    "The captain of {ship} wants to speak to {person}.",
    "{ship}, move away from {thing}, you are too close.",
    "Divers are working at {buoy}, go slowly past {place}.",
    "A small fire on {ship} was put out by {person}.",
    "Can {ship} reach {place} {when}, or will you wait behind {buoy}?",
    "Remember to check {thing} before {ship} comes in.",
    "The crew of {ship} slept in {place} last night.",
    "{person} saw lights near {buoy}, but nobody from {place} went out.",
    "I repeat, {ship} lost a container east of {buoy}.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Sentences of each part; none is in two."""

    training: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    strangers: tuple[str, ...]
    """Test patterns with names that are nowhere else."""


def write_parts(*, training: int, validation: int, test: int, strangers: int, seed: int) -> Parts:
    """Draw different sentences for every part.

    Parameters
    ----------
    training, validation, test, strangers
        How many of each.
    seed
        Of the draws.

    Returns
    -------
    Parts
        The same for the same numbers and seed.
    """
    draw = random.Random(seed)
    return Parts(
        training=_sentences(TRAINING, NAMES, training, draw),
        validation=_sentences(VALIDATION, NAMES, validation, draw),
        test=_sentences(TEST, NAMES, test, draw),
        strangers=_sentences(TEST, STRANGERS, strangers, draw),
    )


def _sentences(patterns: Sequence[str], names: Names, count: int, draw: random.Random) -> tuple[str, ...]:
    """Use the patterns in turn, so that all occur about equally often; one that has no more to give is passed over."""
    found: dict[str, None] = {}
    for pattern in itertools.islice(itertools.cycle(patterns), 100 * count):
        if len(found) == count:
            break
        found.setdefault(_fill(pattern, names, draw))
    return tuple(found)


def _fill(pattern: str, names: Names, draw: random.Random) -> str:
    words = {slot: draw.choice(choices) for slot, choices in (names | FILLERS).items()}
    words["ship2"] = draw.choice([ship for ship in names["ship"] if ship != words["ship"]])
    sentence = re.sub(r"\{(\w+)\}", lambda match: words[match[1]], pattern)
    return sentence[0].upper() + sentence[1:]
