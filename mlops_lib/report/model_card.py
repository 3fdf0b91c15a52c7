"""The model card: what a registered model is made of, how good it is, and where its limits are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.split_words import thresholds_from, weighted_by
from mlops_lib.data.target import resolve_target
from mlops_lib.evaluate.comparison import judge
from mlops_lib.evaluate.judged import Judged
from mlops_lib.evaluate.kept_columns import kept_columns
from mlops_lib.evaluate.metrics import metric
from mlops_lib.evaluate.openings import openings_of
from mlops_lib.objects.charter import Charter
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.decision import Cost
from mlops_lib.objects.run import Run
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.target import Target
from mlops_lib.objects.version import Candidate
from mlops_lib.objects.words import count, counted, duration, interval, listed, money, number, percent
from mlops_lib.registry.names import question_words
from mlops_lib.registry.register import check_run
from mlops_lib.report.charter_section import charter_section
from mlops_lib.report.document import Document, Section, Table, to_html, to_markdown
from mlops_lib.threshold.compared import entry_of, tested_to_trained
from mlops_lib.threshold.outcome import outcome
from mlops_lib.threshold.policies import said
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.models import settings_of
from mlops_lib.train.prior_shift import shift_of_run
from mlops_lib.train.remedies import remedy_of
from mlops_lib.train.repair import calibration_label, is_approximate
from mlops_lib.workspace.folder import Workspace

_FACTS = ("What", "Value")
_SPLITS = {
    "stratified": "with the same share of positives in each part",
    "group": "with whole groups kept together",
    "time": "forward in time: judged on later rows than trained on",
    "predefined": "as a column of the table says",
}


@dataclass(frozen=True, eq=False)
class _Material:
    """All that a card tells of."""

    workspace: Workspace
    run: Run
    candidate: Candidate
    dataset: Dataset
    schema: Schema
    plan: SplitPlan
    target: Target


def model_card(workspace: Workspace, candidate: Candidate, name: str, charter: Charter | None = None) -> Document:
    """The card of a candidate under the name it is registered by, with the project's charter where there is one.

    Raises NotFoundError where a part is gone, NotPossibleError for a run that cannot be registered.
    """
    run = candidate.run
    check_run(run)
    dataset, schema = open_dataset(workspace, run.dataset), workspace.get(Schema, run.schema)
    plan, target = workspace.get(SplitPlan, run.split), resolve_target(dataset, schema)
    material = _Material(workspace, run, candidate, dataset, schema, plan, target)
    entry = entry_of(workspace, run, candidate.decision.policy)
    judged = judge(entry, tested_to_trained(plan))
    asked = () if charter is None else (charter_section(workspace, charter, run, judged, (dataset, schema, plan)),)
    found = (_metrics(material, judged), _threshold(material), _hold_out(material))
    sections = (*asked, _data(material), _recipe(material), *found)
    lead = (
        f"Answers: {question_words(schema)}? {recipe_title(run.recipe)}, trained on {dataset.name}; "
        f"written {datetime.now(UTC):%Y-%m-%d %H:%M} UTC."
    )
    return Document(f"Model card: {name}", lead, (*sections, _limits(material), _origin(material)))


def card_files(workspace: Workspace, candidate: Candidate, name: str, charter: Charter | None = None) -> dict[str, str]:
    """The card as `registry.register` wants it: file name to content."""
    card = model_card(workspace, candidate, name, charter)
    return {"model_card.html": to_html(card), "model_card.md": to_markdown(card)}


def _data(m: _Material) -> Section:
    training, held = m.plan.training_rows(), m.plan.hold_out_rows()
    known = int(m.target.known.sum())
    positives = int(np.nansum(m.target.values))
    facts = [
        ("Table", m.dataset.name),
        ("Rows", f"{count(m.dataset.rows)}, of which {count(known)} have an answer"),
        ("Question", f"{question_words(m.schema)} (positive: '{m.target.positive}', else '{m.target.negative}')"),
        ("Positives", f"{count(positives)} ({percent(positives / max(known, 1))} of the answered rows)"),
        ("Training rows", f"{count(len(training))} in {m.plan.folds} folds{_repeated(m.plan)}"),
        ("Hold-out", f"{count(len(held))} rows, {_SPLITS[m.plan.kind]}"),
        *([("Weighed by", m.schema.weight)] if m.schema.weight else []),
        ("Columns the model uses", f"{count(len(m.run.kept))}: {listed(m.run.kept, most=60)}"),
    ]
    return Section("Data and question", (Table(_FACTS, tuple(facts)), *m.plan.notes))


def _repeated(plan: SplitPlan) -> str:
    return f", dealt out {plan.repeats} times" if plan.repeats > 1 else ""


def _recipe(m: _Material) -> Section:
    recipe = m.run.recipe
    settings = ", ".join(f"{key} {value}" for key, value in settings_of(recipe.model))
    sampler = "none" if recipe.sampler is None else recipe.sampler.name
    treated = "; ".join(f"{t.column}: {t.said}" for t in recipe.treatments) or "none beyond the defaults"
    facts = [
        ("Model", f"{recipe_title(recipe)} ({settings})"),
        ("Missing values and other treatments", treated),
        ("Columns chosen", _selection(m)),
        ("Categories", f"one-hot; labels in under {percent(recipe.min_frequency)} of the rows are one"),
        ("Sampler", sampler),
        ("Class weights", recipe.class_weight or "none"),
        ("Against the imbalance", remedy_of(recipe) or "nothing but the threshold"),
        ("Calibration", calibration_label(recipe)),
        ("Seed", str(m.run.seed)),
        ("Mean time to fit", duration(m.run.fit_seconds)),
    ]
    return Section("Recipe", (Table(_FACTS, tuple(facts)), *m.run.notes))


def _selection(m: _Material) -> str:
    rule = m.run.recipe.selection
    if rule is None:
        return "all features"
    forced = [f"kept by hand: {listed(rule.keep)}"] if rule.keep else []
    forced += [f"left out by hand: {listed(rule.drop)}"] if rule.drop else []
    seen = f" ({'; '.join(forced)}, chosen after seeing {rule.seen or 'the rows'})" if forced else ""
    found = kept_columns(m.run, m.schema.features())
    often = f"; {count(found.always)} columns were kept in all {count(found.folds)}" if found and found.folds else ""
    return f"{rule.said}, chosen anew in every fold{often}{seen}"


def _metrics(m: _Material, judged: Judged) -> Section:
    rows = [
        (metric(name).label, number(found.value), interval(found.low, found.high), metric(name).help)
        for name, found in judged.intervals.items()
    ]
    rule, judged_rows = said(m.candidate.decision.policy), int(np.count_nonzero(m.plan.assignment >= 0))
    text = (
        f"Means over {m.plan.folds} folds{_repeated(m.plan)} ({count(judged_rows)} rows), each by a model that had not "
        f"seen its rows. Metrics of decisions stand at the threshold ({rule}) chosen on {thresholds_from(m.plan)}."
        f"{' ' * bool(m.schema.weight)}{weighted_by(m.schema)}"
    )
    shift = shift_of_run(m.workspace, m.run)
    notes = () if shift is None else (f"{shift.sentence} {shift.metrics}",)
    return Section(
        "How good it is", (text, *notes, Table(("Metric", "Value", "95 % interval", "Meaning"), tuple(rows)))
    )


def _threshold(m: _Material) -> Section:
    decision = m.candidate.decision
    cost = decision.policy if isinstance(decision.policy, Cost) else None
    entry = entry_of(m.workspace, m.run, decision.policy)
    assert entry.predictions is not None
    found = outcome(entry.predictions, decision.threshold, cost)
    facts = [
        ("Threshold", f"{number(decision.threshold, 6)}, applied as probability >= threshold"),
        ("Chosen by", f"{said(decision.policy)}, on {count(decision.n)} {decision.chosen_on} rows"),
        ("Found", f"{count(found.tp)} of {counted(found.tp + found.fn, 'positive')}"),
        ("Missed", count(found.fn)),
        ("False alarms", count(found.fp)),
        ("Rows that raise an alarm", percent(found.alert_rate)),
    ]
    facts += [
        (metric(name).label, f"{percent(value.value)} ({percent(value.low)} to {percent(value.high)})")
        for name, value in found.values.items()
        if name in ("precision", "recall")
    ]
    if cost and found.cost_per_row is not None:
        low, high = money(found.cost_low, cost.currency), money(found.cost_high, cost.currency)
        facts.append(("Cost per row", f"{money(found.cost_per_row, cost.currency)} (95 % interval {low} to {high})"))
    if decision.stability:
        facts.append(("Stability range", f"{interval(*decision.stability)} (middle 95 % of the bootstrapped optimum)"))
    if decision.equal_band:
        facts.append(("Cannot be told from the best", interval(*decision.equal_band)))
    unkept = () if decision.promised else ("These data cannot promise the minimum that was asked for.",)
    return Section("Threshold", (Table(_FACTS, tuple(facts)), *unkept, *decision.notes))


def _hold_out(m: _Material) -> Section:
    visits = openings_of(m.workspace, m.run.split)
    if not visits:
        text = "The hold-out has not been opened: every figure above is out-of-fold."
        return Section("Hold-out", (text,))
    own = sum(visit.run == m.run.fingerprint for visit in visits)
    text = (
        f"The hold-out was opened {counted(len(visits), 'time')}, {count(own)} of them for this run. "
        "Each opening before the choice makes its figures a little too good."
    )
    lines = [
        (f"{datetime.fromtimestamp(v.at, UTC):%Y-%m-%d %H:%M}", v.run[:7], (v.reference or "")[:7]) for v in visits
    ]
    return Section("Hold-out", (text, Table(("When (UTC)", "Run", "Against"), tuple(lines[-20:]))))


def _limits(m: _Material) -> Section:
    texts = [
        "The figures hold for rows like those it was trained on; check them again where the population changes.",
        "Probabilities and threshold rest on that share of positives. Where it differs, choose the threshold again.",
        "The model finds what goes with the answer. It does not say what causes it.",
    ]
    positives = int(np.nansum(m.target.values[m.plan.training_rows()]))
    if positives < 500:
        texts.append(f"It learned from {counted(positives, 'positive')}: the intervals above are wide for that reason.")
    done = remedy_of(m.run.recipe)
    if done:
        nearly = "nearly " if is_approximate(m.run.recipe) else ""
        none = m.run.recipe.calibration == "none"
        repaired = "no calibration repairs them" if none else f"calibration {nearly}repairs them"
        texts.append(f"What was done about the imbalance ({done}) distorts probabilities; here {repaired}.")
    if m.run.recipe.selection is not None and m.run.recipe.selection.seen == "all rows":
        texts.append("Columns were forced by hand after all rows were seen, the hold-out among them.")
    return Section("Limits", tuple(texts))


def _origin(m: _Material) -> Section:
    run = m.run
    facts = [
        ("Run", run.fingerprint),
        ("Dataset", run.dataset),
        ("Schema", run.schema),
        ("Split", run.split),
        ("Recipe", run.recipe.fingerprint),
        ("Made with", f"Fulcrum, {', '.join(f'{name} {installed}' for name, installed in run.packages)}"),
        ("Stored with", f"mlflow {version('mlflow')}, skops {version('skops')}"),
        ("Example", "The model's input example holds the first 5 training rows as they are."),
    ]
    return Section("Where it comes from", (Table(_FACTS, tuple(facts)),))
