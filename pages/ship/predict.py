"""Score a new table with a registered version."""

from mlops_lib.report.code import predict_code
from pages.shared import predict_views as views
from pages.shared.calls import job
from pages.shared.code import show_code
from pages.shared.page import page

with page("predict", "A table without the answer in; the same table with probability, decision and threshold out."):
    version = views.ask_version()
    if version is not None:
        views.show_version(version)
        dataset = views.ask_table(version)
        if dataset is not None:
            spec = {"dataset": dataset.fingerprint, "model": version.name, "version": version.number,
                    "digest": version.digest}  # fmt: skip
            scored = job("score", spec, label=f"Scoring {dataset.name} with version {version.number}")
            if scored is not None:
                views.show_scored(scored, dataset)
        show_code(predict_code(version.name, version.number))
