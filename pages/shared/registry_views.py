"""The parts of the Registry page."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from mlops_lib.evaluate.metrics import METRICS
from mlops_lib.objects.decision import Decision
from mlops_lib.objects.run import Run
from mlops_lib.objects.version import Version
from mlops_lib.registry import ledger
from mlops_lib.registry.names import checked_name
from mlops_lib.registry.register import check_run
from mlops_lib.registry.settings import shown, tracking_uri
from mlops_lib.registry.versions import compare_versions, go_back, list_models, list_versions, read_card, set_alias
from mlops_lib.threshold.policies import said
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.models import MODELS
from pages.shared.boundary import boundary
from pages.shared.calls import job
from pages.shared.page import go_to
from pages.shared.session import session, workspace
from pages.shared.show import count, counted, escape, interval, number, sentence, table

_LABELS = {m.name: m.label for m in METRICS}
_METRICS = (
    ("roc_auc", "ROC-AUC"),
    ("average_precision", "Average precision"),
    ("brier", "Brier score"),
    ("precision_at_threshold", "Precision"),
    ("recall_at_threshold", "Recall"),
)


def show_register(run: Run, decision: Decision, suggestion: str) -> str:
    """What will be registered, under which name, and the button. Returns the name, "" where the run cannot be."""
    with boundary():
        check_run(run)
        return _ask_register(run, decision, suggestion)
    return ""


def _ask_register(run: Run, decision: Decision, suggestion: str) -> str:
    with st.container(border=True, key="registry_register"):
        sentence(
            f"{escape(recipe_title(run.recipe))} with the threshold {escape(number(decision.threshold))} is ready."
        )
        st.caption(f"Chosen by {escape(said(decision.policy))}, on {count(decision.n)} out-of-fold rows.")
        left, right = st.columns(2)
        with left:
            name = st.text_input(
                "Name of the model", suggestion, key=f"registry_name_{run.schema}", persist_state="session",
                max_chars=120, help="One model a question: versions of the same question share the name.",
            )  # fmt: skip
        with right:
            who = st.text_input(
                "Your name", key="registry_who", persist_state="session", placeholder="for the ledger", max_chars=100
            )
        why = st.text_input("Note", key="registry_why", placeholder="why this version", max_chars=500)
        spec = {
            "run": run.fingerprint, "decision": decision.fingerprint, "name": name.strip(), "who": who.strip(),
            "why": why.strip(), "store": tracking_uri(workspace()), "charter": session().id("charter"),
        }  # fmt: skip
        asked = st.button(f"Register {escape(recipe_title(run.recipe))}", type="primary", key="registry_make")
        made = job("register", spec, label=f"Registering {name.strip()}", start=asked and bool(checked_name(name)))
        if made is not None:
            st.success(f"This run with this threshold is **{escape(made.name)}** version {made.number}.", icon="✅")
            if session().id("version") != str(made.number) or session().id("model") != made.name:
                session().set(model=made.name, version=str(made.number))
    return name.strip()


def show_nothing_to_register() -> str:
    """What is missing before something can be registered."""
    step = "compare" if session().id("run") is None else "threshold"
    wanted = "a chosen run" if step == "compare" else "a threshold that you kept"
    with st.container(border=True, key="registry_missing"):
        st.markdown(f"To register something, this page needs **{wanted}**. What is registered already is listed below.")
        if st.button("Go to " + ("Compare" if step == "compare" else "Threshold"), key="registry_go"):
            go_to(step)
    return ""


def ask_model(name: str) -> str:
    """The registered model to look at; "" where there is none yet, or where MLflow does not answer (said above)."""
    with boundary():
        names = list_models(workspace())
        if not names:
            st.info(f"Nothing is registered yet in MLflow at {escape(shown(tracking_uri(workspace())))}.", icon="🗄️")
            return ""
        wanted = session().id("model") or name
        if len(names) == 1:
            return names[0]
        at = names.index(wanted) if wanted in names else 0
        return str(st.selectbox("Registered model", names, index=at, key=f"registry_model_{len(names)}"))
    return ""


def show_versions(model: str) -> tuple[Version, ...]:
    """The versions of a model, newest first, a page at a time."""
    at = st.session_state.setdefault(_page_key(model), [""])
    page = list_versions(workspace(), model, following=at[-1])
    leading = "No version" if page.champion is None else f"Version {page.champion}"
    yet = " yet" if page.champion is None else ""
    sentence(f"{leading} of **{escape(model)}** is the champion{yet}.")
    table(
        pd.DataFrame([_line(v) for v in page.versions]), key=f"registry_versions_{len(at)}", download="versions.csv",
        alt="Versions of the model, newest first",
        column_config={"Alias": st.column_config.TextColumn(width=110)},
    )  # fmt: skip
    if page.foreign:
        st.caption(f"{counted(page.foreign, 'version')} of this model were not made by Fulcrum and are not shown.")
    _turn(model, at, page.following)
    _offer_card(page.versions)
    return page.versions


def show_alias(model: str, versions: tuple[Version, ...]) -> None:
    """Set the champion, or take the last move back."""
    with st.container(border=True, key="registry_alias"):
        st.markdown("**Champion**: the version that `models:/…@champion` means, here and for everybody else.")
        choice, make, back = st.columns([2, 1, 1], vertical_alignment="bottom")
        numbers = [v.number for v in versions]
        with choice:
            chosen = st.selectbox(
                "Version", numbers, format_func=lambda n: f"Version {n}", key=f"registry_champion_{model}_{numbers[0]}"
            )
        with make:
            if st.button(f"Make version {chosen} champion", key="registry_set", width="stretch"):
                _done(set_alias(workspace(), model, int(chosen), who=_who(), why=_why()))
        with back:
            if st.button("Go back to the one before", key="registry_back", width="stretch"):
                _done(go_back(workspace(), model, who=_who(), why=_why()))


def show_comparison(versions: tuple[Version, ...]) -> None:
    """Two versions side by side: what differs first."""
    if len(versions) < 2:
        return
    with st.expander("Compare two versions", icon="⚖️"):
        by_number = {v.number: v for v in versions}
        left, right = st.columns(2)
        numbers = list(by_number)
        with left:
            first = st.selectbox("First", numbers, index=0, key=f"registry_first_{numbers[0]}")
        with right:
            second = st.selectbox("Second", numbers, index=1, key=f"registry_second_{numbers[0]}")
        if first == second:
            st.caption("Choose two different versions.")
            return
        compared = compare_versions(by_number[first], by_number[second])
        metrics = _with_intervals(compared.metrics)
        for title, frame in (("Facts", compared.facts), ("Metrics", metrics), ("Recipe", compared.parameters)):
            different = frame[~frame["same"]]
            st.markdown(f"**{title}**: {counted(len(different), 'difference')} in {counted(len(frame), 'line')}")
            if len(different):
                st.dataframe(_side_by_side(different, first, second), hide_index=True, width="stretch")


def show_ledger(model: str) -> None:
    """What happened to a model, newest first."""
    with st.expander("Ledger: who did what, and when", icon="📜"):
        rows = [_ledger_line(e) for e in ledger.entries(workspace(), model)]
        if rows:
            table(pd.DataFrame(rows), key="registry_ledger", download="ledger.csv", alt="Ledger of the model")
        else:
            st.caption("This workspace has not registered or moved anything of this model.")


def version_label(version: Version) -> str:
    """Model and rung of a version, as people read them."""
    parameters = dict(version.parameters)
    name, rung = parameters.get("model", ""), parameters.get("rung", "")
    return f"{MODELS[name].label if name in MODELS else name} · {rung}"


def _line(version: Version) -> dict[str, object]:
    metrics = dict(version.metrics)
    line: dict[str, object] = {
        "Version": version.number,
        "Alias": ", ".join(version.aliases),
        "Recipe": version_label(version),
        "Threshold": number(version.decision.threshold),
        "Chosen by": said(version.decision.policy),
    }
    line |= {label: number(metrics.get(key)) for key, label in _METRICS}
    ours = "yes" if version.digest else "no, made by another workspace"
    return line | {"Registered": version.created[:16].replace("T", " "), "Can be loaded here": ours, "Run": version.run}


def _ledger_line(entry: ledger.Entry) -> dict[str, object]:
    return {
        "When (UTC)": datetime.fromtimestamp(entry.at, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "Who": entry.who,
        "What": entry.what if entry.alias is None else f"{entry.what}: {entry.alias}",
        "From": "" if entry.before is None else f"version {entry.before}",
        "To": "" if entry.after is None else f"version {entry.after}",
        "Why": entry.why,
        "Digest": (entry.digest or "")[:12],
    }


def _with_intervals(metrics: pd.DataFrame) -> pd.DataFrame:
    """One line a metric, its interval behind the value."""
    by_key = metrics.set_index("what")
    lines = []
    for key in (k for k in by_key.index if not k.endswith(("_low", "_high"))):
        texts = [_value(by_key[side], key) for side in ("first", "second")]
        name, at, where = key.partition("_at_")
        label = _LABELS.get(name, name.replace("_", " ")) + (f", at {where.replace('half', '0.5')}" if at else "")
        lines.append((label, *texts, texts[0] == texts[1]))
    return pd.DataFrame(lines, columns=["what", "first", "second", "same"])


def _value(values: pd.Series, key: str) -> str:
    low, high = values.get(f"{key}_low"), values.get(f"{key}_high")
    known = not (pd.isna(low) or pd.isna(high))
    return f"{number(values[key])} ({interval(low, high)})" if known else number(values[key])


def _side_by_side(frame: pd.DataFrame, first: int, second: int) -> pd.DataFrame:
    named = frame.drop(columns="same").rename(
        columns={"what": "What", "first": f"Version {first}", "second": f"Version {second}"}
    )
    return named.fillna("").astype(str)


def _done(entry: ledger.Entry) -> None:
    st.toast(f"The champion is now version {entry.after}.", icon="🏆")
    st.rerun()


def _offer_card(versions: tuple[Version, ...]) -> None:
    if not versions:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Model card of", versions, format_func=lambda v: f"Version {v.number}", width=180,
            key=f"registry_card_of_{versions[0].name}_{versions[0].number}",
        )  # fmt: skip
        st.download_button(
            "Download the model card", data=lambda: read_card(workspace(), chosen), mime="text/html",
            file_name=f"model-card-version-{chosen.number}.html", key="registry_card", on_click="ignore", icon="📇",
        )  # fmt: skip


def _turn(model: str, at: list[str], following: str) -> None:
    if not following and len(at) == 1:
        return
    newer, older = st.columns(2)
    with newer:
        if st.button("Newer versions", key="registry_newer", disabled=len(at) == 1):
            st.session_state[_page_key(model)] = at[:-1]
            st.rerun()
    with older:
        if st.button("Older versions", key="registry_older", disabled=not following):
            st.session_state[_page_key(model)] = [*at, following]
            st.rerun()


def _page_key(model: str) -> str:
    return f"registry_page_{model}"


def _who() -> str:
    return str(st.session_state.get("registry_who") or "").strip() or "somebody"


def _why() -> str:
    return str(st.session_state.get("registry_why") or "").strip()
