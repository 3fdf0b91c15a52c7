"""What a sampler does, and what the wrong order would pretend, before anything is trained."""

from __future__ import annotations

from collections.abc import Callable

from mlops_lib.train.question import TrainingQuestion, training_question
from pages.shared.calls import cached
from pages.shared.exploring import Nouns
from pages.shared.lab_leak import show_leak
from pages.shared.lab_xray import show_xray
from pages.shared.page import need, page
from pages.shared.parts import ask_part
from pages.shared.question import stop_unless_classes

PARTS: dict[str, Callable[[Nouns, TrainingQuestion], None]] = {
    "X-ray": show_xray,
    "Leak meter": show_leak,
}


with page("resampling", "What a sampler does to the rows of each fold, and what the wrong order would pretend."):
    nouns = need("dataset"), need("schema"), need("split")
    question = cached(training_question)(*nouns)
    stop_unless_classes(question)
    PARTS[ask_part("resampling", PARTS)](nouns, question)
