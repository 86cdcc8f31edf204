"""deploy/kubernetes: valid by Kubernetes' own schemas, complete, and as careful as it says."""

import re
from itertools import chain
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from assistant.services import SERVICES, Service
from assistant.variables import VARIABLES
from chassis import topology
from contracts import all_questions

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "deploy/kubernetes"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
ALL = [each for name in KUSTOMIZATION["resources"] for each in yaml.safe_load_all((FOLDER / name).read_text()) if each]
OURS = [each for each in ALL if "." not in each["apiVersion"].partition("/")[0] or "k8s.io" in each["apiVersion"]]
CUSTOM = {"keda.sh/v1alpha1", "rabbitmq.com/v1beta1"}
NEWEST, OLDEST = kubernetes_validate.latest_version(), "1.29"


def named(kind: str) -> dict[str, dict[str, Any]]:
    return {each["metadata"]["name"]: each for each in ALL if each["kind"] == kind}


def pods() -> list[Any]:
    return [
        pytest.param(each["spec"]["template"], id=each["metadata"]["name"])
        for each in ALL
        if each["kind"] in {"Deployment", "Job"}
    ]


def test_every_file_is_part_of_it() -> None:
    files = {str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.yaml")}
    assert files == {*KUSTOMIZATION["resources"], "kustomization.yaml"}


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("each", OURS, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_kubernetes_would_take_it(each: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(each, version, strict=True)


def test_what_others_define_is_of_versions_that_we_know() -> None:
    assert {each["apiVersion"] for each in ALL if each not in OURS} == CUSTOM
    (cluster,) = named("RabbitmqCluster").values()
    assert set(cluster["spec"]) == {"image", "replicas", "persistence", "resources", "rabbitmq", "override"}
    assert cluster["spec"]["replicas"] % 2 == 1


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_service_runs_there_asked_whether_it_lives_and_works(service: Service) -> None:
    deployment = named("Deployment")[service.name]["spec"]
    (container,) = deployment["template"]["spec"]["containers"]
    assert container["args"] == [service.module]
    asked = {
        probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert asked == {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
    assert deployment["replicas"] >= 2
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    budget = named("PodDisruptionBudget")[service.name]["spec"]
    assert budget == {"maxUnavailable": 1, "selector": deployment["selector"]}
    needs = set(deployment["template"]["metadata"]["labels"]) - {"app.kubernetes.io/name"}
    assert ("needs/postgresql" in needs) == service.has_schema
    assert "needs/rabbitmq" in needs


@pytest.mark.parametrize("pod", pods())
def test_a_pod_runs_as_nobody_writes_nothing_and_is_bounded(pod: dict[str, Any]) -> None:
    (container,) = pod["spec"]["containers"]
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("pod", pods())
def test_secrets_come_by_reference_and_none_is_written_down(pod: dict[str, Any]) -> None:
    (container,) = pod["spec"]["containers"]
    assert "env" not in container
    assert [source for source in container["envFrom"] if "secretRef" in source]
    assert "Secret" not in {each["kind"] for each in ALL}
    written = chain(*(each["literals"] for each in KUSTOMIZATION["configMapGenerator"]))
    names = {line.partition("=")[0] for line in written}
    assert names <= set(VARIABLES)
    assert not [name for name in names if re.search(r"KEY|SECRET|PASSWORD|TOKEN|^(DATABASE|RABBITMQ|REDIS)_URL$", name)]
    assert not re.search(r"://[^/\s]+:[^/\s]+@", "".join(file.read_text() for file in FOLDER.rglob("*.yaml")))


def test_everything_is_closed_but_for_what_a_pod_says_that_it_needs() -> None:
    policies = {name: each["spec"] for name, each in named("NetworkPolicy").items()}
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    opened = {key for each in policies.values() for key in each["podSelector"].get("matchLabels", {})}
    wanted = {
        key
        for each in named("Deployment").values()
        for key in each["spec"]["template"]["metadata"]["labels"]
        if key.startswith("needs/")
    }
    assert wanted <= opened


def test_what_works_off_a_queue_grows_with_that_queue() -> None:
    queues = {name for service in SERVICES for name in topology.queues_for(service.name)}
    queues |= {question.queue() for question in all_questions()}
    scaled = named("ScaledObject")
    for name, each in scaled.items():
        assert each["spec"]["scaleTargetRef"] == {"name": name}
        assert each["spec"]["minReplicaCount"] == named("Deployment")[name]["spec"]["replicas"]
        (trigger,) = each["spec"]["triggers"]
        if trigger["type"] == "rabbitmq":
            assert trigger["metadata"]["queueName"] in queues
            assert trigger["metadata"]["mode"] == "QueueLength"
            assert trigger["authenticationRef"]["name"] in named("TriggerAuthentication")
    assert set(scaled) == {service.name for service in SERVICES} - {"frontdesk"}
