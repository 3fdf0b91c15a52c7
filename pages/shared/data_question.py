"""The target and the question that is asked of it. Nothing is chosen for the user."""

from __future__ import annotations

import streamlit as st

from mlops_lib.data.samples import Sample, sample_of
from mlops_lib.data.target import MAX_CLASSES, Labels, describe_labels
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Above, Classes, Number, Question
from mlops_lib.objects.words import count, counted, percent
from pages.shared.boundary import guarded
from pages.shared.calls import cached
from pages.shared.data_words import ABOVE, AS_THEY_ARE, CLASS, NUMBER
from pages.shared.escape import escape
from pages.shared.form import Draft, seed

_FEW_LABELS = 8


def ask_question(dataset: Dataset, draft: Draft) -> tuple[str, Question] | None:
    """The target column and the question; None as long as something is still to be chosen."""
    mark = dataset.fingerprint
    sample = sample_of(dataset)
    st.subheader("What do you want to know?", anchor=False)
    key = seed(f"data_target_{mark}", _known(draft.get("target"), dataset.columns))
    if sample is not None and st.session_state.get(key) is None:
        _suggest(sample, mark)
    target = st.selectbox(
        "Target: the column to be predicted",
        dataset.columns,
        index=None,
        placeholder="Choose a column",
        key=key,
        persist_state="session",
    )
    if target is None:
        draft.keep(target=None)
        return None
    if draft.get("target") != target:
        draft.keep(target=target, mode=None, positive=None, limit=None)
    labels = cached(describe_labels)(dataset, target)
    question = (
        _ask_number(labels, draft, mark) if labels.numeric and labels.distinct > 2 else _ask_class(labels, draft, mark)
    )
    return None if question is None else (target, question)


def _suggest(sample: Sample, mark: str) -> None:
    question = sample.question
    says = (
        f"{sample.target} above {question.limit:g}"
        if isinstance(question, Above)
        else f"{sample.target} = {question.positive}"
    )  # type: ignore[union-attr]
    st.button(
        f"Ask: {escape(sample.asks)} ({escape(says)})",
        key="data_ask_sample",
        type="primary",
        on_click=_take,
        args=(sample, mark),
    )


@guarded
def _take(sample: Sample, mark: str) -> None:
    st.session_state[f"data_target_{mark}"] = sample.target
    if isinstance(sample.question, Above):
        st.session_state[f"data_mode_{mark}_{sample.target}"] = ABOVE
        st.session_state[f"data_limit_{mark}_{sample.target}"] = sample.question.limit
    elif isinstance(sample.question, Classes):
        st.session_state[f"data_positive_{mark}_{sample.target}"] = sample.question.positive


def _ask_number(labels: Labels, draft: Draft, mark: str) -> Question | None:
    mode = st.radio(
        f"'{escape(labels.column)}' is a number with {count(labels.distinct)} different values. What about it?",
        [ABOVE, CLASS, NUMBER],
        index=None,
        horizontal=True,
        captions=["a yes/no question", "one value against the rest", "how much, how many"],
        key=seed(f"data_mode_{mark}_{labels.column}", draft.get("mode")),
        persist_state="session",
    )
    draft.keep(mode=mode)
    if mode == CLASS:
        return _ask_class(labels, draft, mark)
    if mode == ABOVE:
        return _ask_limit(labels, draft, mark)
    return Number() if mode == NUMBER else None


def _ask_limit(labels: Labels, draft: Draft, mark: str) -> Question | None:
    limit = st.number_input(
        "Yes, if it is greater than",
        value=None,
        format="%g",
        placeholder="A number, such as 15",
        key=seed(f"data_limit_{mark}_{labels.column}", draft.get("limit")),
        persist_state="session",
        width=320,
    )
    draft.keep(limit=limit)
    return None if limit is None else Above(float(limit))


def _ask_class(labels: Labels, draft: Draft, mark: str) -> Question | None:
    if labels.distinct < 2:
        st.warning(f"{escape(_told_nothing(labels))} Choose another column, or another table.", icon="💡")
        return None
    options = [*labels.labels, *([AS_THEY_ARE] if 2 < labels.distinct <= MAX_CLASSES else [])]
    sizes = dict(zip(labels.labels, labels.counts, strict=True))
    known = labels.rows - labels.missing

    def described(label: str) -> str:
        return (
            f"{escape(label)}: {counted(sizes[label], 'row')} ({percent(sizes[label] / known)})"
            if label in sizes
            else label
        )

    ask = st.radio if len(options) <= _FEW_LABELS else st.selectbox
    shown = {"horizontal": True} if ask is st.radio else {"placeholder": "Choose a class"}
    positive = ask(
        "Positive class: the answer you are looking for",
        options,
        index=None,
        format_func=described,
        key=seed(f"data_positive_{mark}_{labels.column}", _known(draft.get("positive"), options)),
        persist_state="session",
        **shown,
    )
    draft.keep(positive=positive)
    if positive is None:
        return None
    return Classes(None if positive == AS_THEY_ARE else positive)


def _told_nothing(labels: Labels) -> str:
    """Why there is nothing to predict in a column without two answers."""
    if not labels.distinct:
        return f"'{labels.column}' is empty in every row: there is no answer to learn from."
    every = "Every row" if not labels.missing else "Every row that says anything"
    return f"{every} has '{labels.labels[0]}' in '{labels.column}', so there is nothing to tell apart."


def _known(value: object, options: object) -> object:
    """A drafted value, where it is still one of the options."""
    return value if value in (options or ()) else None  # type: ignore[operator]
