"""Training on two processor cores: small on purpose."""

from panglot.training.settings import TO_BE_GIVEN, Settings


def teach_base() -> Settings:
    """`base` with low-rank updates: few weights are trained, and the rest is left alone. Not proven yet.

    Give the data, the validation data and the output on the command line::

        panglot train recipes/cpu_two_cores.py:teach_base DATA --validation OTHER --output runs/mine
    """
    return Settings(
        data=TO_BE_GIVEN,
        validation=TO_BE_GIVEN,
        output=TO_BE_GIVEN,
        base="base",
        lora=16,
        learning_rate=5e-4,
        epochs=3,
        batch_seconds=60.0,
        batch_samples=4,
        accumulate=4,
        validate_every=25,
        checkpoint_every=25,
        patience=4,
        device="cpu",
    )


def teach_names() -> Settings:
    """`tiny.en`, the decoder only: 20 steps, for names and terms. Measured by ``benchmarks/teaching/run.py``.

    Give the data, the validation data and the output on the command line::

        panglot train recipes/cpu_two_cores.py:teach_names DATA --validation OTHER --output runs/mine
    """
    return Settings(
        data=TO_BE_GIVEN,
        validation=TO_BE_GIVEN,
        output=TO_BE_GIVEN,
        base="tiny.en",
        freeze="encoder",
        learning_rate=1e-4,
        steps=20,
        batch_samples=2,
        validate_every=20,
        checkpoint_every=20,
        device="cpu",
    )
