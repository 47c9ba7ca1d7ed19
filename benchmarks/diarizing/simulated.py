"""Conversations simulated from single speakers."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import conversations

from diarizing.bench import Bench
from diarizing.cases import Case, case_of, in_condition
from diarizing.plans import Plan, planned, tables_of
from diarizing.scores import ERROR_HEADINGS, error_rows, scored


def run(bench: Bench, folder: Path) -> None:
    """Simulate all conversations in every condition, and judge what is found in them."""
    plans = planned(quick=bench.options.quick)[:: bench.options.every]
    rows: dict[str, list[list[str]]] = defaultdict(list)
    for condition in bench.options.conditions.split(","):
        cases = [simulate(bench, plan, condition, folder / f"{number}.wav") for number, plan in enumerate(plans)]
        hours = sum(case.seconds for case in cases) / 3600
        print(f"  {condition}: {len(cases)} conversations, {hours:.1f} h", file=sys.stderr)
        scores = scored(bench, f"simulated, {condition}", cases)
        for title, groups in tables_of(plans).items():
            rows[title] += error_rows(condition, cases, scores, groups)
    for title, mine in rows.items():
        bench.report.table(f"Simulated conversations, {title}", ERROR_HEADINGS, mine)


def simulate(bench: Bench, plan: Plan, condition: str, path: Path) -> Case:
    """Make the conversation of a plan as a file."""
    seed = f"{bench.options.seed} {plan.name}"
    people = conversations.choose(bench.voices, plan.people, seed=seed, language=plan.language)
    made = conversations.converse(plan.name, people, seconds=60 * plan.minutes, overlap=plan.overlap, seed=seed)
    samples = in_condition(made.samples, made.turns, condition, bench.options.seed)
    return case_of(replace(made, samples=samples), path, groups=plan.groups)
