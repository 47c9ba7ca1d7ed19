"""Make the golden loss curves of ``losses/``: a tiny Transformer, trained for sixty steps in each precision.

Run ``python tests/data/make_losses.py`` after a change that is meant to change training, and say in the change why the
curves moved.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from panglot.training.precision import MixedPrecision

FOLDER = Path(__file__).parent / "losses"
STEPS = 60
SYMBOLS = 16
LENGTH = 24
BATCH = 8
WIDTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A precision, and where its weights are in fp32."""

    precision: str
    masters: bool = False

    @property
    def name(self) -> str:
        """Name of the curve's file."""
        return f"{self.precision}-masters" if self.masters else self.precision


FORMS = (
    Form(precision="fp32"),
    Form(precision="bf16"),
    Form(precision="bf16", masters=True),
    Form(precision="fp16"),
    Form(precision="fp16", masters=True),
)


class Tiny(nn.Module):
    """Two layers that predict the next symbol."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(SYMBOLS, WIDTH)
        self.place = nn.Parameter(torch.randn(LENGTH, WIDTH) * 0.1)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(WIDTH, 2, 2 * WIDTH, dropout=0.0, batch_first=True, norm_first=True)
            for _ in range(2)
        )
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, SYMBOLS)

    def forward(self, symbols: torch.Tensor) -> torch.Tensor:
        """Logits, shape (batch, length, SYMBOLS), of symbols of shape (batch, length)."""
        x = self.embed(symbols) + self.place[: symbols.shape[1]]
        mask = torch.full((symbols.shape[1], symbols.shape[1]), -torch.inf).triu(1).to(x.dtype)
        for layer in self.layers:
            x = layer(x, src_mask=mask)
        return self.head(self.norm(x))


def curve(form: Form) -> list[float]:
    """Loss of each step, in nats."""
    generator = torch.Generator().manual_seed(1)
    torch.manual_seed(0)
    recipe = MixedPrecision(form.precision, device="cpu", master_weights=form.masters)
    model = recipe.prepare(Tiny())
    optimizer = torch.optim.AdamW(recipe.parameters(model), lr=3e-3)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, 1.0, total_iters=10)
    losses: list[float] = []
    for _ in range(STEPS):
        symbols = _periodic(generator)
        with recipe.forward():
            logits = model(symbols[:, :-1])
            loss = nn.functional.cross_entropy(logits.float().flatten(0, 1), symbols[:, 1:].flatten())
        recipe.backward(loss)
        recipe.step(optimizer, max_norm=1.0, schedule=schedule)
        losses.append(loss.item())
    return losses


def _periodic(generator: torch.Generator) -> torch.Tensor:
    """Sequences that repeat four random symbols, shape (BATCH, LENGTH)."""
    symbols = torch.randint(SYMBOLS, (BATCH, 4), generator=generator)
    return symbols.repeat(1, LENGTH // 4)


def main() -> None:
    """Write one file for each form."""
    FOLDER.mkdir(exist_ok=True)
    for form in FORMS:
        losses = [round(loss, 5) for loss in curve(form)]
        text = json.dumps({"torch": torch.__version__.partition("+")[0], "losses": losses}, indent=1)
        (FOLDER / f"{form.name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
