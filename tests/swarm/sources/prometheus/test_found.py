"""
Which Service is the cluster's Prometheus, and which only calls itself so.
"""

import pytest

from scanners.facts.network import Service, ServicePort
from swarm.sources.prometheus.found import endpoint_of, prometheus_of

WEB = (ServicePort(number=9090, name="http-web"), ServicePort(number=8080, name="reloader-web"))


def service(place: str, **more: object) -> Service:
    namespace, name = place.split("/")
    fields = {"selector": {"app": "x"}, "ports": WEB, **more}
    return Service(name=name, namespace=namespace, **fields)  # type: ignore[arg-type]


OTHERS = [
    service("monitoring/alertmanager-operated"),
    service("monitoring/prometheus-node-exporter"),
    service("monitoring/prometheus-operator"),
    service("ml/prometheus-proxy"),
]


OPENSHIFT = (ServicePort(number=9091, name="web"), ServicePort(number=9092, name="metrics"))
PLAIN = (ServicePort(number=80, name="http"),)
STACK = "kube-prometheus-stack-prometheus"


@pytest.mark.parametrize(
    ("found", "url"),
    [
        (service("monitoring/prometheus-operated"), "http://prometheus-operated.monitoring.svc:9090"),
        (service(f"monitoring/{STACK}"), f"http://{STACK}.monitoring.svc:9090"),
        (service(f"monitoring/kps-{STACK}"), f"http://kps-{STACK}.monitoring.svc:9090"),
        (service("tools/prometheus-server", ports=PLAIN), "http://prometheus-server.tools.svc:80"),
        (
            service("openshift-monitoring/prometheus-k8s", ports=OPENSHIFT),
            "https://prometheus-k8s.openshift-monitoring.svc:9091",
        ),
        (
            service("obs/metrics-store", labels={"app.kubernetes.io/name": "prometheus"}),
            "http://metrics-store.obs.svc:9090",
        ),
    ],
)
def test_the_usual_installations_are_found(found: Service, url: str) -> None:
    chosen, doubt = prometheus_of([*OTHERS, found])
    assert chosen is found and doubt == ""
    assert endpoint_of(chosen).url == url


def test_none_is_none() -> None:
    assert prometheus_of(OTHERS) == (None, "")


@pytest.mark.parametrize(
    "trap",
    [
        service("ml/prometheus-k8s", type="ExternalName", external_name="evil.example.com"),
        service("ml/prometheus-k8s", selector=None),
        service("ml/prometheus-k8s", ports=()),
    ],
)
def test_what_leads_elsewhere_is_passed_over(trap: Service) -> None:
    assert prometheus_of([trap]) == (None, "")


def test_a_tenants_own_does_not_pass_for_the_clusters() -> None:
    own, real = service("ml/prometheus-k8s"), service("monitoring/prometheus-server")
    assert prometheus_of([own, real])[0] is real


def test_two_that_are_alike_are_not_guessed_between() -> None:
    chosen, doubt = prometheus_of([service("a/prometheus-operated"), service("b/prometheus-operated")])
    assert chosen is None and "a/prometheus-operated, b/prometheus-operated" in doubt
    assert "--prometheus URL" in doubt


def test_nothing_is_shown_to_one_that_was_only_found() -> None:
    endpoint = endpoint_of(service("monitoring/prometheus-k8s"))
    assert not endpoint.shows and endpoint.basic == ""
