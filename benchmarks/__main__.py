"""Measure the mock beside its peers and a bare ASGI function, on the same contract and load.

    python -m benchmarks [--quick] [--rounds N] [--seconds N] [--write]

All servers run at once, and in each round every one gets the same load in turn: the machine may be busy with other
things, and a ratio of neighbours suffers least from that. Figures are medians over the rounds.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.contestant import Contestant
from benchmarks.field import Field
from benchmarks.kill_rate import compare
from benchmarks.load import require_wrk
from benchmarks.measuring import measure_all
from benchmarks.own import bare, mock
from benchmarks.peers import node_peers, stock_connexion
from benchmarks.picture import draw
from benchmarks.report import summary, write_page
from benchmarks.servers import StartError

_SAMPLED_BY_JUDGE: Final = 16
_SAMPLED_BY_SCHEMATHESIS: Final = 64


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure the mock beside its peers.")
    parser.add_argument("--quick", action="store_true", help="stock Connexion and the bare function alone: a minute")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, help="of each load (2, or 1 if quick)")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md and its picture")
    arguments = parser.parse_args()
    seconds = arguments.seconds or (1 if arguments.quick else 2)
    require_wrk()
    contestants, skipped = _gather(quick=arguments.quick)
    with tempfile.TemporaryDirectory() as folder:
        field = _measure(contestants, skipped, Path(folder), arguments.rounds, seconds)
    records = list(field.records.values())
    text = summary(records, field.cases, skipped, arguments.rounds, seconds)
    print(f"\n{text}")
    if arguments.write:
        write_page(text)
        draw(records, field.cases)
    if not arguments.quick:
        print("\nwhat the verifier finds of the mock's defects, a sample (all: make kills)")
        compare(judge_every=_SAMPLED_BY_JUDGE, every=_SAMPLED_BY_SCHEMATHESIS)


def _gather(*, quick: bool) -> tuple[list[Contestant], list[str]]:
    found = [mock(), bare(), stock_connexion(), *(() if quick else node_peers())]
    skipped = [peer for peer in found if isinstance(peer, str)]
    for sentence in skipped:
        print(sentence)
    return [peer for peer in found if isinstance(peer, Contestant)], skipped


def _measure(contestants: Sequence[Contestant], skipped: list[str], folder: Path, rounds: int, seconds: int) -> Field:
    """Start all, the mock first: what it answers, the others are to answer."""
    field = Field(folder)
    with field:
        for contestant in contestants:
            print(f"  starting {contestant.name} {contestant.version}", flush=True)
            try:
                field.start(contestant)
            except StartError as error:
                skipped.append(f"{contestant.name} is skipped: {error}")
                print(skipped[-1])
        measure_all(field.servers, field.records, field.cases, rounds, seconds)
        field.weigh()
    return field


if __name__ == "__main__":
    main()
