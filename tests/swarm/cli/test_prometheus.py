"""
``--prometheus``: what it says yes to, what it refuses, and where ``auto`` looks.
"""

from pathlib import Path

import pytest

from scanners.facts.gaps import SliceState
from scanners.facts.slices import GPU_METRICS, SERVICES
from swarm.cli.targets import demo_path
from swarm.measured import with_metrics
from swarm.settings import Settings
from swarm.sources.joined import JoinedSource
from swarm.sources.kubernetes import kubeconfig as kubeconfigs
from swarm.sources.kubernetes.source import KubernetesSource
from tests.cluster.pki import Authority
from tests.swarm.cli.command import deepscan
from tests.swarm.sources.kubernetes.server import TOKEN, FakeApi, item, kubeconfig

PORTS = {"ports": [{"name": "web", "port": 9090}], "selector": {"app": "prometheus"}}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("http://jane:secret@prometheus:9090", "carries a user or a password"),
        ("prometheus:9090", "is no URL of a Prometheus"),
        ("https://prometheus/graph?x=1", "a query or a fragment"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(value: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "k").write_text(_contexts("one"))
    for arguments in (("run",), ("capture", "-o", tmp_path / "c.tar.gz")):
        ended = deepscan(*arguments, "--kubeconfig", tmp_path / "k", "--prometheus", value)
        assert ended.status == 2, ended.err
        assert said in ended.err and "help:" in ended.err and "secret" not in ended.err


def test_one_prometheus_cannot_tell_of_two_clusters(tmp_path: Path) -> None:
    (tmp_path / "k").write_text(_contexts("one", "two"))
    ended = deepscan(
        "run", "--kubeconfig", tmp_path / "k", "--context", "all", "--prometheus", "http://prometheus:9090"
    )
    assert ended.status == 2 and "for 2 clusters" in ended.err


def test_a_recording_says_that_it_asks_nobody() -> None:
    ended = deepscan("run", "--demo", "--prometheus", "http://prometheus:9090", "--format", "json=-")
    assert ended.status == 0, ended.err
    assert any("is for live clusters" in text for text in ended.report["warnings"])


def test_credentials_of_the_environment_are_no_settings(tmp_path: Path) -> None:
    ended = deepscan("config", "show", DEEPSCAN_PROMETHEUS_TOKEN="t0ken-t0ken", DEEPSCAN_PROMETHEUS="none")
    assert ended.status == 0, ended.err
    assert "t0ken" not in ended.out and '"none"' in ended.out
    ended = deepscan("config", "show", DEEPSCAN_PROMETHEUS_TOKN="t")
    assert ended.status == 2


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of a service account, as every pod has it."""
    folder = tmp_path / "serviceaccount"
    folder.mkdir()
    (folder / "token").write_text(TOKEN)
    monkeypatch.setattr(kubeconfigs, "SERVICE_ACCOUNT", folder)
    return folder


async def joined(api: FakeApi, tmp_path: Path, settings: Settings) -> JoinedSource | KubernetesSource:
    connection = kubeconfigs.load_kubeconfig(kubeconfig(tmp_path, api), {}).connection()
    source = with_metrics(KubernetesSource(connection), connection, settings, None)
    assert isinstance(source, JoinedSource | KubernetesSource)
    await source.open()
    return source


async def test_auto_looks_among_the_services_of_its_own_cluster(
    inside: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    api = FakeApi(Authority(tmp_path / "pki"))
    api.objects["services"] = [item("prometheus-k8s", "monitoring", spec=PORTS)]
    await api.start()
    port = api.url.rsplit(":", 1)[1]
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", port)
    source = await joined(api, tmp_path, Settings())
    read = await source.read(GPU_METRICS, {})
    assert [reading.state for reading in read.readings] == [SliceState.FAILED]
    assert "http://prometheus-k8s.monitoring.svc:9090/api/v1/" in read.readings[0].detail
    assert len((await source.read(SERVICES, {})).objects) == 1
    assert len([path for path in api.paths() if path.endswith("/services")]) == 1
    api.objects["services"] = []
    empty = await joined(api, tmp_path, Settings())
    assert (await empty.read(GPU_METRICS, {})).readings == [] and empty.warnings == []
    api.denied.add("services")
    denied = await joined(api, tmp_path, Settings())
    assert (await denied.read(GPU_METRICS, {})).readings == []
    assert "services could not all be listed" in denied.warnings[-1]
    for each in (source, empty, denied):
        await each.close()
    await api.stop()


async def test_auto_does_not_look_into_another_cluster(
    inside: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The name of a Service there would lead to one of the same name here."""
    api = FakeApi(Authority(tmp_path / "pki"))
    api.objects["services"] = [item("prometheus-k8s", "monitoring", spec=PORTS)]
    await api.start()
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    source = await joined(api, tmp_path, Settings())
    assert isinstance(source, KubernetesSource)
    assert (await source.read(GPU_METRICS, {})).readings == []
    await source.close()
    await api.stop()


def test_the_demo_is_never_asked_about() -> None:
    ended = deepscan("run", "--from", demo_path(), "--format", "json=-", KUBERNETES_SERVICE_HOST="10.96.0.1")
    assert ended.status == 0 and ended.report["scan"]["targets"][0]["provider"] == "recorded"


def _contexts(*names: str) -> str:
    contexts = "".join(f"\n- name: {name}\n  context: {{cluster: c, user: u}}" for name in names)
    return (
        f"apiVersion: v1\nkind: Config\ncurrent-context: {names[0]}\ncontexts:{contexts}\n"
        "clusters:\n- name: c\n  cluster: {server: 'https://127.0.0.1:1'}\nusers:\n- name: u\n  user: {token: t}\n"
    )
