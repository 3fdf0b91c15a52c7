"""From a candidate to a registered version."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_lib.data.uses import note_model
from mlops_lib.evaluate.metrics import DECISION_METRICS
from mlops_lib.evaluate.sweep import counts_at
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.run import Run
from mlops_lib.objects.version import Candidate, Version
from mlops_lib.registry import ledger
from mlops_lib.registry.digest import folder_digest
from mlops_lib.registry.names import checked_name
from mlops_lib.registry.packing import pack, packed_folder
from mlops_lib.registry.recording import fingerprint_tags, record_run
from mlops_lib.registry.settings import is_server, registry_client
from mlops_lib.registry.versions import AT_THRESHOLD_TAG, DECISION_TAG, DIGEST_TAG, open_version
from mlops_lib.train.runs import out_of_fold
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient

_STEPS = 4


def register(
    workspace: Workspace,
    candidate: Candidate,
    name: str,
    card: Mapping[str, str],
    *,
    who: str = "somebody",
    why: str = "",
    emit: Callable[[object], None] | None = None,
) -> Version:
    """Store a run with its decision as the next version of the registered model `name`.

    `card` is the model card: file name to content ("model_card.html", "model_card.md"). The run is recorded first where
    that was not done. The digest of the files goes into the ledger; only what stands there is ever loaded here.

    Raises
    ------
    NotPossibleError : the run is not complete or was made in the wrong order, the decision belongs to another run, or
        MLflow does not answer.
    InputError : MLflow would refuse the name.
    """
    name = checked_name(name)
    _check(candidate)
    say = emit or _silent
    say(Progress(0, _STEPS, "Recording the run"))
    recorded = record_run(workspace, candidate.run)
    say(Progress(1, _STEPS, "Opening the model"))
    packed = pack(workspace, candidate)
    with registry_client(workspace) as client:
        identity = _logged_model(client, candidate, recorded)
        say(Progress(2, _STEPS, "Packing model, threshold and card"))
        with packed_folder(packed, candidate, card, identity) as folder:
            digest = folder_digest(folder)
            say(Progress(3, _STEPS, "Storing the version"))
            number = _store(client, folder, identity, recorded, name, _tags(workspace, candidate, digest))
    workspace.put(candidate.decision)
    ledger.write(workspace, name, ledger.REGISTERED, who=who, after=number, digest=digest, why=why)
    note_model(workspace, name, number, candidate.run.dataset, candidate.run.fingerprint)
    return open_version(workspace, name, number)


def decision_metrics(workspace: Workspace, candidate: Candidate) -> dict[str, float]:
    """Precision, recall and the like at the decision's threshold, on all out-of-fold rows together."""
    predictions = out_of_fold(workspace, candidate.run)
    counts = counts_at(predictions.truth, predictions.score, candidate.decision.threshold)
    values = {m.name: float(m.of(counts)) for m in DECISION_METRICS}
    return {name: value for name, value in values.items() if value == value}


def _silent(_event: object) -> None:
    return


def check_run(run: Run) -> None:
    """Raises NotPossibleError for a run that cannot be registered: it is not complete, or was made in the wrong order.
    Whoever offers a run for registration, or writes its card, asks first."""
    if run.state != "complete":
        raise NotPossibleError(f"The run {run.recipe.name} is {run.state}.", "Register a complete run.")
    if run.recipe.leak:
        raise NotPossibleError(
            f"The run '{run.recipe.model.name} · {run.recipe.rung}' was made in the wrong order "
            f"({', '.join(run.recipe.leak)} before the split), so its figures are not those of new rows.",
            "Register a run in which everything is learnt inside the folds.",
        )


def _check(candidate: Candidate) -> None:
    check_run(candidate.run)
    if candidate.decision.run != candidate.run.fingerprint:
        raise NotPossibleError(
            "The threshold was chosen for another run than the one to be registered.",
            "Choose a threshold for this run on the Threshold page.",
        )


def _logged_model(client: MlflowClient, candidate: Candidate, recorded: str) -> str:
    from mlflow.entities import LoggedModelOutput

    run = client.get_run(recorded)
    made = client.create_logged_model(
        run.info.experiment_id,
        name="model",
        source_run_id=recorded,
        tags={tag.key: tag.value for tag in fingerprint_tags(candidate.run)},
        params={**run.data.params, "threshold": repr(candidate.decision.threshold)},
        model_type="classifier",
    )
    client.log_outputs(recorded, [LoggedModelOutput(made.model_id, step=0)])
    return str(made.model_id)


def _tags(workspace: Workspace, candidate: Candidate, digest: str) -> dict[str, str]:
    return {
        **{tag.key: tag.value for tag in fingerprint_tags(candidate.run)},
        "fulcrum.threshold": repr(candidate.decision.threshold),
        DECISION_TAG: codec.to_json(candidate.decision),
        AT_THRESHOLD_TAG: json.dumps(decision_metrics(workspace, candidate)),
        DIGEST_TAG: digest,
        "fulcrum.registered": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _store(client: MlflowClient, folder: Path, identity: str, recorded: str, name: str, tags: dict[str, str]) -> int:
    from mlflow.exceptions import MlflowException

    client.log_model_artifacts(identity, str(folder))
    client.finalize_logged_model(identity, "READY")
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    made = client.create_model_version(
        name, source=_source(client, identity), run_id=recorded, tags=tags, model_id=identity, await_creation_for=30
    )
    return int(made.version)


def _source(client: MlflowClient, identity: str) -> str:
    """A server resolves the model's own address; a database would ask MLflow's global settings, which are not ours."""
    if is_server(str(client.tracking_uri)):
        return f"models:/{identity}"
    return str(client.get_logged_model(identity).artifact_location)
