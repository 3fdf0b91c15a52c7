"""Labels: too many, rare, and one thing written in several ways."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from mlops_lib.checks.levels import _one_less, _one_slip, normalised
from mlops_lib.objects.schema import Classes
from tests.checks.tables import Make, N, plain, seen, silent, training

DRAW = np.random.default_rng(6)


def test_many_labels_are_counted_as_one_hot_encoding_sees_them(table_of: Make) -> None:
    labels = np.where(DRAW.random(N) < 0.5, "usual", [f"label {k}" for k in DRAW.integers(0, 200, N)])
    dataset = table_of(plain(code=labels))
    finding = seen(dataset)["FUL017"]
    mine = labels[training(dataset)]
    values, counts = np.unique(mine, return_counts=True)
    frequent = counts[counts >= 0.01 * len(mine)]
    assert finding.columns == ("code",)
    assert f"{len(values)} labels, of which {len(frequent)} reach 1.0 %" in finding.what
    assert [t.action for t in finding.treatments] == ["frequency", "drop"]
    assert "FUL018" not in seen(dataset)


def test_rare_labels_are_named_with_their_rows(table_of: Make) -> None:
    labels = np.array(["north", "south"])[np.arange(N) % 2].astype(object)
    labels[:5], labels[5:8] = "east", "west"
    dataset = table_of(plain(site=labels))
    finding = seen(dataset)["FUL018"]
    mine = labels[training(dataset)]
    assert finding.columns == ("site",)
    assert f"'east' ({np.sum(mine == 'east')})" in finding.what
    assert finding.rows == np.sum(mine == "east") + np.sum(mine == "west")
    assert [t.action for t in finding.treatments] == ["lump", "drop"]


def test_ways_of_writing_are_merged_into_the_commonest(table_of: Make) -> None:
    ways = ["Yes", "yes ", "YES", "\uff39\uff45\uff53", "Yes.", "No"]
    labels = DRAW.choice(ways, N, p=[0.5, 0.06, 0.06, 0.06, 0.06, 0.26])
    finding = seen(table_of(plain(paid=labels)))["FUL019"]
    (merge,) = finding.treatments
    assert (merge.column, merge.action, merge.into) == ("paid", "merge", "Yes")
    assert set(merge.values) == set(ways[1:5])
    assert finding.severity == "warning"


def test_ways_of_writing_the_answer_are_serious_and_no_treatment(table_of: Make) -> None:
    columns = plain()
    columns["left"] = np.where(np.arange(N) % 20 == 0, "yes", columns["left"])
    finding = seen(table_of(columns), question=Classes("Yes"))["FUL019"]
    assert finding.columns == ("left",)
    assert finding.severity == "serious"
    assert finding.treatments == ()


@pytest.mark.parametrize(
    ("label", "same"),
    [
        ("yes ", "Yes"),
        ("  New   York", "new york"),
        ("Café", "CAFE"),
        (unicodedata.normalize("NFD", "Müller"), "Müller"),
        ("Ltd.", "ltd"),
        ("\uff21\uff22\uff23", "abc"),
        (unicodedata.normalize("NFD", "서울"), "서울"),
        ("STRASSE", "straße"),
    ],
)
def test_labels_that_are_written_differently_are_the_same(label: str, same: str) -> None:
    assert normalised(label) == normalised(same)


@pytest.mark.parametrize(("label", "other"), [("서울", "사울"), ("A+", "A"), ("1.5", "15"), ("が", "か"), ("", ".")])
def test_labels_that_differ_stay_apart(label: str, other: str) -> None:
    assert normalised(label) != normalised(other) or normalised(label) == ""


def test_a_slip_of_the_pen_is_a_note(table_of: Make) -> None:
    labels = np.array(["Accounting", "Production"])[np.arange(N) % 2].astype(object)
    labels[[3, 5]] = "Acounting"
    labels[[7, 8]] = "Prodcution"
    labels[9] = "Accountancy"
    dataset = table_of(plain(dept=labels))
    rows = training(dataset)
    finding = seen(dataset)["FUL020"]
    slips = [s for s in ("Acounting", "Prodcution") if s in labels[rows]]
    assert {v for t in finding.treatments for v in t.values} == set(slips)
    assert {t.into for t in finding.treatments} <= {"Accounting", "Production"}
    assert finding.severity == "info"


@pytest.mark.parametrize("labels", [["part 12", "part 13"], ["North", "South"], ["male", "female"], ["cat", "car"]])
def test_names_that_only_look_alike_are_left_alone(table_of: Make, labels: list[str]) -> None:
    column = np.array([labels[0]] * (N - 5) + [labels[1]] * 5)
    assert silent(table_of(plain(kind=DRAW.permutation(column))))["FUL020"].applies


def slips_of(word: str) -> set[str]:
    """Every word one slip away, by writing all of them down."""
    letters = "abcde"
    less = {word[:i] + word[i + 1 :] for i in range(len(word))}
    more = {word[:i] + c + word[i:] for i in range(len(word) + 1) for c in letters}
    other = {word[:i] + c + word[i + 1 :] for i in range(len(word)) for c in letters}
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    return (less | more | other | swapped) - {word}


def test_one_slip_is_what_writing_down_all_slips_gives() -> None:
    words = {"".join(DRAW.choice(list("abcde"), DRAW.integers(3, 6))) for _ in range(60)}
    for word in sorted(words):
        for other in sorted(words | slips_of(word)):
            assert _one_slip(word, other) == (other in slips_of(word)), (word, other)
            assert not _one_slip(word, other) or _one_less(word) & _one_less(other)
