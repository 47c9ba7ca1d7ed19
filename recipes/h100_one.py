"""Training on one NVIDIA H100. Not proven yet: these settings were never run on that hardware."""

from panglot.training.settings import TO_BE_GIVEN, Settings


def teach_large() -> Settings:
    """`large-v3`, all weights, in bf16. Not proven yet on the hardware it is named for.

    Give the data, the validation data and the output on the command line::

        panglot train recipes/h100_one.py:teach_large DATA --validation OTHER --output runs/mine
    """
    return Settings(
        data=TO_BE_GIVEN,
        validation=TO_BE_GIVEN,
        output=TO_BE_GIVEN,
        base="large-v3",
        precision="bf16",
        learning_rate=5e-6,
        epochs=2,
        batch_seconds=480.0,
        batch_samples=32,
        accumulate=2,
        augment=True,
        timestamps=0.5,
        prompts=0.5,
        activation_checkpointing=True,
        validate_every=500,
        checkpoint_every=500,
        patience=5,
        workers=8,
        device="cuda",
    )
