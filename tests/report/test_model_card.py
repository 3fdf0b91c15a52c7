"""The model card says what matters, and nothing in a table can become markup in it."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mlops_lib.evaluate.openings import record_opening
from mlops_lib.objects.charter import Charter, Criterion, Hypothesis
from mlops_lib.objects.decision import Fixed
from mlops_lib.objects.version import Candidate
from mlops_lib.report.code import explain_code, predict_code, register_code
from mlops_lib.report.document import Document, Section, Table, to_html, to_markdown
from mlops_lib.report.model_card import card_files, model_card
from mlops_lib.report.registration import register_job
from mlops_lib.threshold.outcome import outcome
from mlops_lib.train.runs import out_of_fold
from tests.trained import Trained, trained


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trained:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return trained(tmp_path / "home")


def facts(card: Document, title: str) -> dict[str, str]:
    section = next(s for s in card.sections if s.title == title)
    return {row[0]: row[1] for block in section.blocks if isinstance(block, Table) for row in block.rows}


def test_the_card_agrees_with_the_run_and_its_decision(made: Trained) -> None:
    decision = made.decision()
    card = model_card(made.workspace, Candidate(made.runs["logistic_regression"], decision), "people")
    found = outcome(out_of_fold(made.workspace, made.runs["logistic_regression"]), decision.threshold, decision.policy)
    told = facts(card, "Threshold")
    assert told["Missed"] == str(found.fn)
    assert told["False alarms"] == str(found.fp)
    assert "10 EUR" in told["Chosen by"]
    assert "EUR" in told["Cost per row"]
    assert facts(card, "Data and question")["Question"].startswith("left is Yes")
    assert {"ROC-AUC", "Brier score", "F1"} <= set(facts(card, "How good it is"))
    assert facts(card, "Where it comes from")["Run"] == made.runs["logistic_regression"].fingerprint


def test_openings_of_the_hold_out_are_told(made: Trained) -> None:
    run = made.runs["logistic_regression"]
    candidate = Candidate(run, made.decision())
    assert "has not been opened" in to_markdown(model_card(made.workspace, candidate, "people"))
    record_opening(made.workspace, run.split, run.fingerprint, None)
    record_opening(made.workspace, run.split, made.runs["lightgbm"].fingerprint, run.fingerprint)
    assert "opened 2 times, 1 of them for this run" in to_markdown(model_card(made.workspace, candidate, "people"))


def test_distorted_probabilities_and_few_positives_are_limits(made: Trained) -> None:
    text = to_markdown(model_card(made.workspace, Candidate(made.runs["weights"], made.decision("weights")), "people"))
    assert "calibration repairs them" in text
    assert "the intervals above are wide" in text


def test_a_typed_threshold_needs_no_costs(made: Trained) -> None:
    decision = replace(made.decision(), policy=Fixed(0.4), threshold=0.4, stability=None, equal_band=None)
    told = facts(model_card(made.workspace, Candidate(made.runs["dummy"], decision), "people"), "Threshold")
    assert "Cost per row" not in told
    assert told["Chosen by"].startswith("fixed at 0.4")


HOSTILE = "<script>alert(1)</script> | ![p](http://example.invalid/x.png) `code` **bold**"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)


def test_text_of_the_user_is_never_markup() -> None:
    card = Document(HOSTILE, HOSTILE, (Section(HOSTILE, (HOSTILE, Table((HOSTILE,), ((HOSTILE,),)))),))
    parser = _Tags()
    parser.feed(to_html(card))
    assert not parser.tags & {"script", "img", "a", "b", "code", "strong"}
    markdown = to_markdown(card)
    assert "![" not in markdown
    assert "<script" not in markdown
    assert all(line.replace("\\|", "").count("|") == 2 for line in markdown.splitlines() if line.startswith("|"))


def test_the_html_needs_nothing_from_elsewhere(made: Trained) -> None:
    files = card_files(made.workspace, Candidate(made.runs["dummy"], made.decision("dummy")), "people")
    html = files["model_card.html"]
    assert "http" not in html.replace("mlops", "")
    assert "<script" not in html
    assert html.startswith("<!doctype html>")


def test_the_job_registers_with_the_card(made: Trained) -> None:
    decision = made.decision("weights")
    spec = {"run": made.runs["weights"].fingerprint, "decision": decision.fingerprint, "name": " people ", "who": ""}
    version = register_job(made.workspace, spec, lambda _event: None)
    assert (version.name, version.number, version.decision) == ("people", 1, decision)
    (card,) = (made.workspace.root / "mlflow" / "artifacts").rglob("model_card.md")
    assert "# Model card: people" in card.read_text()


def test_the_charter_stands_first(made: Trained) -> None:
    charter = Charter(
        "p", "Who leaves?", miss=5000.0, currency="EUR", criterion=Criterion("roc_auc", 0.99),
        hypotheses=(Hypothesis("Managers matter."),),
    )  # fmt: skip
    card = model_card(made.workspace, Candidate(made.runs["weights"], made.decision("weights")), "people", charter)
    first = card.sections[0]
    told = to_markdown(Document("", "", (first,)))
    assert first.title == "Charter"
    assert "5,000 EUR" in told
    (success,) = [block for block in first.blocks if isinstance(block, str)]
    assert success.startswith("Success (written down or changed after its training): missed. ROC-AUC is 0.")
    assert "It is not bound to a column." in told


def test_the_code_on_a_page_compiles_and_names_what_it_shows(made: Trained) -> None:
    run, decision = made.runs["dummy"], made.decision("dummy")
    shown = [explain_code(run, 3), register_code(run, decision, "Ann's model"), predict_code("Ann's model", 2)]
    for code in shown:
        compile(code, "page", "exec")
    assert run.fingerprint in shown[0]
    assert decision.fingerprint in shown[1]


def test_the_code_of_the_registry_page_runs(made: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FULCRUM_HOME", str(made.workspace.root))
    code = register_code(made.runs["dummy"], made.decision("dummy"), "people")
    names: dict[str, object] = {}
    exec(code.partition("mlflow.set_tracking_uri")[0].replace("import mlflow\n", ""), names)
    assert names["version"].number == 1
