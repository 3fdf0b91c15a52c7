"""The command line: `python -m mlops_lib run experiment.yaml`, and `sample`, `query` and `worker`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_lib.objects.errors import FulcrumError, InputError, NotFoundError, NotPossibleError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.words import counted, duration, size
from mlops_lib.workspace.folder import Workspace, open_workspace

if TYPE_CHECKING:
    from mlops_lib.data.reading import ReadTable
    from mlops_lib.evaluate.comparison import Comparison
    from mlops_lib.objects.experiment import Experiment
    from mlops_lib.objects.run import Run
    from mlops_lib.objects.schema import Question
    from mlops_lib.train.experiment_file import ExperimentFile


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is 0 where all went well, 1 where something failed, 2 for a wrong command."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["worker"]:
        from mlops_lib.jobs.worker import main as worker

        return worker(arguments[1:])
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.do(asked))
    except FulcrumError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mlops_lib", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="train, compare and, where asked, register the experiment of a YAML file")
    run.add_argument("file", help="the experiment; paths in it start from its folder")
    run.add_argument("--register", action="store_true", help="register the recommended run, or the one the file names")
    run.set_defaults(do=_run)
    sample = commands.add_parser("sample", help="draw rows at random from a file of any size, in one pass")
    sample.add_argument("file", help="CSV, JSON Lines (also .gz or .zst), Parquet or Arrow")
    sample.add_argument("--rows", type=int, default=100_000, help="how many (default: 100,000)")
    sample.set_defaults(do=_sample)
    query = commands.add_parser("query", help="keep the answer of a database as a table")
    query.add_argument("database", help="the name in the setting FULCRUM_SQL_<NAME>")
    query.add_argument("query", help="one statement that reads")
    query.add_argument("--rows", type=int, help="draw so many at random instead of keeping all")
    query.set_defaults(do=_query)
    for taking in (sample, query):
        taking.add_argument("--seed", type=int, default=0, help="decides which rows are drawn (default: 0)")
        taking.add_argument("--name", help="what the table is called")
        taking.add_argument("--to", type=Path, help="write it into this Parquet file, not into the workspace")
    for command in (run, sample, query):
        command.add_argument("--workspace", help="the folder (default: FULCRUM_HOME, else .fulcrum beside the app)")
        command.add_argument("--quiet", action="store_true", help="print the result only")
    commands.add_parser("worker", help="do the jobs of a workspace; the app starts one by itself")
    return parser


def _run(asked: argparse.Namespace) -> int:
    from mlops_lib.threshold.compared import compare_runs
    from mlops_lib.train.experiment_opening import make_experiment
    from mlops_lib.train.runs import run_fingerprint

    path, workspace = Path(asked.file), open_workspace(asked.workspace)
    file = _read(path)
    _check_wishes(file, asked.register)
    experiment = make_experiment(workspace, file, path.resolve().parent)
    print(f"Experiment {experiment.fingerprint}: dataset {experiment.dataset}, split {experiment.split}")
    runs = _train(workspace, experiment, asked.quiet)
    _print_failures(runs)
    recipe = next(r for r in experiment.recipes if r.fingerprint == experiment.reference)
    comparison = compare_runs(workspace, runs, run_fingerprint(experiment, recipe), file.policy)
    _print_comparison(comparison)
    if asked.register or file.register is not None:
        _register(workspace, file, comparison, runs)
    return 1 if any(r.state != "complete" for r in runs) else 0


def _sample(asked: argparse.Namespace) -> int:
    from mlops_lib.data.reservoir import sample_file

    path, say = Path(asked.file), _Say(asked.quiet)
    if not path.is_file():
        raise NotFoundError(f"There is no file '{path}'.", "Check the path.")
    _check_place(asked.to)
    read = sample_file(
        path, path.name, asked.rows, asked.seed, tell=lambda rows, octets: say(rows, f", {size(octets)}")
    )
    return _keep(asked, read, asked.name or f"{path.stem}, sample", str(path.name))


def _query(asked: argparse.Namespace) -> int:
    from mlops_lib.data.sql import Sample, read_query

    say = _Say(asked.quiet)
    _check_place(asked.to)
    drawn = None if asked.rows is None else Sample(asked.rows, asked.seed)
    read = read_query(asked.database, asked.query, drawn, say)
    return _keep(asked, read, asked.name or asked.database.lower(), f"query {asked.database}")


class _Say:
    """Tells how many rows came by, at most once a second."""

    def __init__(self, quiet: bool) -> None:
        self.quiet, self.last = quiet, time.monotonic()

    def __call__(self, rows: int, more: str = "") -> None:
        if not self.quiet and time.monotonic() - self.last > 1:
            self.last = time.monotonic()
            print(f"{rows:,} rows so far{more}", file=sys.stderr)


def _check_place(place: Path | None) -> None:
    if place is not None and place.exists():
        raise InputError(f"There is a file '{place}' already.", "Give another name, or remove it first.")
    if place is not None and not place.absolute().parent.is_dir():
        raise NotFoundError(f"There is no folder '{place.parent}'.", "Check the path.")


def _keep(asked: argparse.Namespace, read: ReadTable, name: str, source: str) -> int:
    """Write the table where it was asked for, else keep it as a version in the workspace; say what was done to it."""
    from mlops_lib.data.catalogue import add_version, find_table, home_of
    from mlops_lib.data.datasets import keep
    from mlops_lib.data.reservoir import SampledTable, keep_sample

    for sentence in () if asked.quiet else (*read.reading.repairs, *read.reading.guessed):
        print(sentence, file=sys.stderr)
    said = f"{counted(read.table.num_rows, 'row')} of {read.reading.rows_in_file:,}, "
    said += counted(read.table.num_columns, "column")
    if asked.to is not None:
        import pyarrow.parquet as pq

        pq.write_table(read.table, asked.to, compression="zstd")
        print(f"{asked.to}: {said}")
        return 0
    workspace = open_workspace(asked.workspace)
    if isinstance(read, SampledTable):
        dataset = keep_sample(workspace, read, name, source)
    else:
        dataset = keep(workspace, read, name, source)
    version = add_version(workspace, dataset, home_of(workspace, dataset))
    table = find_table(workspace, version.table).name
    print(f"Dataset {dataset.fingerprint}, version {version.number} of '{table}': {said}")
    return 0


def _read(path: Path) -> ExperimentFile:
    from mlops_lib.train.experiment_file import read_experiment_file

    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise NotFoundError(f"The file '{path}' cannot be read.", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise NotFoundError(f"The file '{path}' is not UTF-8 text.", "Save it as UTF-8.") from error
    return read_experiment_file(text, path.name)


def _train(workspace: Workspace, experiment: Experiment, quiet: bool) -> list[Run]:
    from mlops_lib.jobs.engine import ForkEngine
    from mlops_lib.train.training import train

    def tell(event: object) -> None:
        if isinstance(event, Progress) and not quiet:
            left = f", about {duration(event.remaining_seconds)} left" if event.remaining_seconds else ""
            print(f"{event.done:>4} of {event.total} fits{left}: {event.what}", file=sys.stderr)

    by_run = {run.fingerprint: run for run in train(workspace, experiment, ForkEngine(), tell)}
    order = {recipe.fingerprint: place for place, recipe in enumerate(experiment.recipes)}
    return sorted(by_run.values(), key=lambda run: order[run.recipe.fingerprint])


def _check_answers(question: Question) -> None:
    from mlops_lib.objects.target import outcome_of

    if outcome_of(question) != "binary":
        raise NotPossibleError(
            "A model is registered with its threshold, which takes a question with two answers.",
            "Leave out 'register', or say in 'question' which class is positive or above which number.",
        )


def _check_wishes(file: ExperimentFile, register: bool) -> None:
    """Refuse now what would only be found out after the training."""
    from mlops_lib.registry.names import checked_name
    from mlops_lib.threshold.policies import checked

    checked(file.policy)
    if file.register is not None or register:
        _check_answers(file.question)
    if file.register is not None:
        checked_name(file.register.model)
        names = [recipe.name for recipe in file.recipes if not recipe.leak]
        if file.register.recipe and file.register.recipe not in names:
            raise NotPossibleError(
                f"There is no recipe '{file.register.recipe}' to register.", f"Choose one of: {', '.join(names)}."
            )


def _print_failures(runs: Sequence[Run]) -> None:
    for run in runs:
        if run.failure is not None:
            print(f"failed: {run.recipe.name}: {run.failure.message} {run.failure.hint}".rstrip())


def _print_comparison(comparison: Comparison) -> None:
    from mlops_lib.evaluate.shown import shown_table

    judged = comparison.judgement
    also = f", {counted(judged.positives, 'positive')}; {judged.threshold_rule}" if judged.kind == "binary" else ""
    print(f"\n{counted(judged.n, 'row')}{also}")
    shown = shown_table(comparison)
    shown.insert(2, "Run", comparison.table["run"])
    print(shown.to_string(index=False))
    print(f"\n{comparison.verdict.sentence}\n{comparison.verdict.why}")


def _register(workspace: Workspace, file: ExperimentFile, comparison: Comparison, runs: Sequence[Run]) -> None:
    from mlops_lib.data.datasets import open_dataset
    from mlops_lib.objects.schema import Schema
    from mlops_lib.objects.version import Candidate
    from mlops_lib.registry.names import suggested_name
    from mlops_lib.registry.versions import set_alias
    from mlops_lib.report.registration import register_with_card
    from mlops_lib.threshold.choosing import choose
    from mlops_lib.train.runs import out_of_fold

    wanted = file.register
    run = _chosen(comparison, runs, wanted.recipe if wanted else "")
    name = (
        wanted.model
        if wanted
        else suggested_name(open_dataset(workspace, run.dataset), workspace.get(Schema, run.schema))
    )
    candidate = Candidate(run, choose(out_of_fold(workspace, run), file.policy, odds=run.calibrator.odds))
    version = register_with_card(workspace, candidate, name, who="the command line")
    print(f"\nRegistered {run.recipe.name} as {version.name} version {version.number}: {version.uri}")
    if wanted and wanted.alias:
        set_alias(workspace, version.name, version.number, wanted.alias, who="the command line")
        print(f"The alias '{wanted.alias}' points at it.")


def _chosen(comparison: Comparison, runs: Sequence[Run], recipe: str) -> Run:
    wanted = comparison.verdict.recommended
    for run in runs:
        if run.state == "complete" and (run.recipe.name == recipe if recipe else run.fingerprint == wanted):
            return run
    raise NotPossibleError(
        f"There is no complete run '{recipe or wanted}' to register.",
        f"Choose one of: {', '.join(r.recipe.name for r in runs if r.state == 'complete')}.",
    )


if __name__ == "__main__":
    sys.exit(main())
