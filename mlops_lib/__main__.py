"""The command line: `python -m mlops_lib run experiment.yaml` and `python -m mlops_lib worker`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_lib.objects.errors import FulcrumError, NotFoundError, NotPossibleError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.words import counted, duration
from mlops_lib.workspace.folder import Workspace, open_workspace

if TYPE_CHECKING:
    from mlops_lib.evaluate.comparison import Comparison
    from mlops_lib.objects.experiment import Experiment
    from mlops_lib.objects.run import Run
    from mlops_lib.train.experiment_file import ExperimentFile


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is 0 where all went well, 1 where something failed, 2 for a wrong command."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["worker"]:
        from mlops_lib.jobs.worker import main as worker

        return worker(arguments[1:])
    asked = _parser().parse_args(arguments)
    try:
        return _run(Path(asked.file), open_workspace(asked.workspace), asked.register, quiet=asked.quiet)
    except FulcrumError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mlops_lib", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="train, compare and, where asked, register the experiment of a YAML file")
    run.add_argument("file", help="the experiment; paths in it start from its folder")
    run.add_argument("--workspace", help="the folder (default: FULCRUM_HOME, else .fulcrum beside the app)")
    run.add_argument("--register", action="store_true", help="register the recommended run, or the one the file names")
    run.add_argument("--quiet", action="store_true", help="print the result only")
    commands.add_parser("worker", help="do the jobs of a workspace; the app starts one by itself")
    return parser


def _run(path: Path, workspace: Workspace, register: bool, quiet: bool) -> int:
    from mlops_lib.threshold.compared import compare_runs
    from mlops_lib.train.experiment_opening import make_experiment
    from mlops_lib.train.runs import run_fingerprint

    file = _read(path)
    _check_wishes(file)
    experiment = make_experiment(workspace, file, path.resolve().parent)
    print(f"Experiment {experiment.fingerprint}: dataset {experiment.dataset}, split {experiment.split}")
    runs = _train(workspace, experiment, quiet)
    _print_failures(runs)
    recipe = next(r for r in experiment.recipes if r.fingerprint == experiment.reference)
    comparison = compare_runs(workspace, runs, run_fingerprint(experiment, recipe), file.policy)
    _print_comparison(comparison)
    if register or file.register is not None:
        _register(workspace, file, comparison, runs)
    return 1 if any(r.state != "complete" for r in runs) else 0


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


def _check_wishes(file: ExperimentFile) -> None:
    """Refuse now what would only be found out after the training."""
    from mlops_lib.registry.names import checked_name
    from mlops_lib.threshold.policies import checked

    checked(file.policy)
    if file.register is not None:
        checked_name(file.register.model)
        names = [recipe.name for recipe in file.recipes]
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
    print(f"\n{counted(judged.n, 'row')}, {counted(judged.positives, 'positive')}; {judged.threshold_rule}")
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
    candidate = Candidate(run, choose(out_of_fold(workspace, run), file.policy))
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
