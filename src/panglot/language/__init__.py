"""Which language: the 99 codes and their names, the scripts they are written in."""

from panglot.language.codes import ALIASES, LANGUAGES, Language, normalise
from panglot.language.scripts import matches, scripts_of

__all__ = ["ALIASES", "LANGUAGES", "Language", "matches", "normalise", "scripts_of"]
