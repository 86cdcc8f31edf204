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


def written() -> dict[str, str]:
    """What is told to every service."""
    lines = chain(*(each["literals"] for each in KUSTOMIZATION["configMapGenerator"]))
    return dict(line.split("=", 1) for line in lines)


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


@pytest.mark.parametrize("name, mebibytes", [("rules", 306), ("frontdesk", 159), ("ingress", 100)])
def test_a_pod_is_given_the_memory_that_its_service_takes_under_load(name: str, mebibytes: int) -> None:
    """Rules with its encoder loaded; measured as `assistant load` does."""
    (container,) = named("Deployment")[name]["spec"]["template"]["spec"]["containers"]
    asked = container["resources"]["requests"]["memory"]
    assert int(asked.removesuffix("Mi")) >= mebibytes


@pytest.mark.parametrize("pod", pods())
def test_secrets_come_by_reference_and_none_is_written_down(pod: dict[str, Any]) -> None:
    (container,) = pod["spec"]["containers"]
    assert "env" not in container
    assert [source for source in container["envFrom"] if "secretRef" in source]
    assert "Secret" not in {each["kind"] for each in ALL}
    names = set(written())
    assert names <= set(VARIABLES) | {"FORWARDED_ALLOW_IPS"}
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
    assert set(scaled) == {service.name for service in SERVICES}
    by_queue = {name for name, each in scaled.items() if each["spec"]["triggers"][0]["type"] == "rabbitmq"}
    assert by_queue == {service.name for service in SERVICES if topology.queues_for(service.name)}


def test_the_front_desk_knows_where_every_service_is_and_may_ask_it() -> None:
    settings = written()
    asked = dict(pair.split("=http://") for pair in settings["SERVICE_URLS"].split(","))
    assert set(asked) == {service.name for service in SERVICES}
    for name, host in asked.items():
        listening = named("Service")[host]["spec"]
        assert listening["selector"] == {"app.kubernetes.io/name": name}
        assert listening["ports"] == [{"name": "http", "port": 80, "targetPort": "http"}]  # a URL's own port
        assert allows("frontdesk", name, 8000)
        assert not allows("rules", name, 8000)
    assert settings["FORWARDED_ALLOW_IPS"] == "*", "else everybody has the address of the controller"


def test_every_service_may_tell_what_it_does() -> None:
    for deployment in named("Deployment").values():
        assert deployment["spec"]["template"]["metadata"]["labels"]["needs/telemetry"] == "yes"
    (told,) = named("NetworkPolicy")["to-telemetry"]["spec"]["egress"]
    assert told["ports"] == [{"protocol": "TCP", "port": 4318}]


def labels(deployment: str) -> dict[str, str]:
    found: dict[str, str] = named("Deployment")[deployment]["spec"]["template"]["metadata"]["labels"]
    return found


def allows(one: str, other: str, port: int) -> bool:
    """Whether the policies let a pod of one deployment out to, and into, a pod of another one."""

    def chosen(selector: dict[str, Any], deployment: str) -> bool:
        has = labels(deployment)
        listed = selector.get("matchExpressions", [])
        return all(has.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
            has.get(each["key"]) in each["values"] for each in listed
        )

    def opened(subject: str, way: str, peers: str, peer: str) -> bool:
        rules = [
            rule
            for policy in named("NetworkPolicy").values()
            if chosen(policy["spec"]["podSelector"], subject)
            for rule in policy["spec"].get(way, [])
            if port in {each["port"] for each in rule.get("ports", [{"port": port}])}
        ]
        return any(
            "podSelector" in each and chosen(each["podSelector"], peer)
            for rule in rules
            for each in rule.get(peers, [])
        )

    return opened(one, "egress", "to", other) and opened(other, "ingress", "from", one)
