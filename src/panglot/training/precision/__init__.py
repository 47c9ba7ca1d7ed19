"""Mixed precision: the recipe as three verbs for anyone's loop, `MixedPrecision.forward`, `backward` and `step`."""

from panglot.training.precision.choice import PRECISIONS, Choice, choose
from panglot.training.precision.recipe import MixedPrecision
from panglot.training.precision.report import StepReport

__all__ = ["PRECISIONS", "Choice", "MixedPrecision", "StepReport", "choose"]
