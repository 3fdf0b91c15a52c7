"""The steps of the flow, one line each: their page, title, icon and the noun that each makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Step:
    """A page: `name` is its file and address, `makes` the noun that marks it as done, `help` what it is for.

    One that is not `in_flow` stands in the navigation, but not among the numbered steps of the strip.
    """

    name: str
    section: str
    title: str
    icon: str
    help: str
    makes: str = ""
    in_flow: bool = True

    @property
    def path(self) -> Path:
        """The page's file; absolute, so that the app can be started from any folder."""
        return ROOT / "pages" / self.section.lower() / f"{self.name}.py"


_STEPS = (
    Step(
        "data",
        "Data",
        "Data",
        "📄",
        "Upload a table or try a sample, say what each column is, lock the split.",
        "split",
    ),
    Step(
        "charter",
        "Data",
        "Charter",
        "📜",
        "What the project is for, what errors cost, hypotheses, and success before training.",
        in_flow=False,
    ),
    Step(
        "versions",
        "Data",
        "Versions",
        "🗂️",
        "Every table with its versions: where each came from, what uses it, how two differ.",
        in_flow=False,
    ),
    Step(
        "derive",
        "Data",
        "Sample & derive",
        "✂️",
        "Draw a sample, filter or join rows, drop repeats: a new version of the table.",
        in_flow=False,
    ),
    Step("explore", "Data", "Explore", "🔎", "Class balance, distributions and associations."),
    Step(
        "feature_tests",
        "Data",
        "Feature tests",
        "🧪",
        "Which columns go with the target, how strongly, and how sure that is.",
    ),
    Step("resampling", "Data", "Resampling lab", "⚖️", "What a sampler does to the rows of one fold."),
    Step("train", "Models", "Train", "🏗️", "Train the ladder of recipes on the same folds.", "experiment"),
    Step("compare", "Models", "Compare", "📊", "All runs on the same rows, with intervals and a verdict.", "run"),
    Step("threshold", "Models", "Threshold", "🎚️", "From which score on to say yes, and what that costs.", "decision"),
    Step("explain", "Models", "Explain", "💬", "What the chosen model looks at, overall and for one row."),
    Step(
        "registry",
        "Ship",
        "Registry",
        "🗄️",
        "Register the chosen run with its threshold; compare versions and go back.",
        "version",
    ),
    Step("predict", "Ship", "Predict", "🔮", "Score a new table with a registered version."),
)

STEPS: Final[dict[str, Step]] = {step.name: step for step in _STEPS}
"""All steps by name, in the order of the flow."""

FLOW: Final = tuple(step for step in _STEPS if step.in_flow)
"""The numbered steps, which one takes in turn."""

SECTIONS: Final = tuple(dict.fromkeys(step.section for step in _STEPS))
