"""Answers of Google's APIs as they look in the wild: GKE clusters and what Compute keeps for them."""

from typing import Any

Json = dict[str, Any]

PROJECT = "ml-prod"
COMPUTE = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}"
CONTAINER = f"https://container.googleapis.com/v1/projects/{PROJECT}"
CA = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSQo="


def cluster(name: str = "train", location: str = "us-central1", **changes: Any) -> Json:
    kind = "zones" if location.count("-") == 2 else "locations"
    return {
        "name": name,
        "location": location,
        "selfLink": f"{CONTAINER}/{kind}/{location}/clusters/{name}",
        "endpoint": "203.0.113.7",
        "masterAuth": {"clusterCaCertificate": CA, "clientKey": "c2VjcmV0"},
        "currentMasterVersion": "1.33.5-gke.100",
        "createTime": "2026-01-05T10:00:00+00:00",
        "status": "RUNNING",
        "resourceLabels": {"team": "ml"},
        "releaseChannel": {"channel": "REGULAR"},
        "locations": ["us-central1-a", "us-central1-b"],
        **changes,
    }


def pool(name: str = "a100", **changes: Any) -> Json:
    return {
        "name": name,
        "selfLink": f"{CONTAINER}/locations/us-central1/clusters/train/nodePools/{name}",
        "status": "RUNNING",
        "version": "1.33.5-gke.100",
        "initialNodeCount": 1,
        "locations": ["us-central1-a", "us-central1-b", "us-central1-c"],
        "config": {
            "machineType": "a2-highgpu-4g",
            "labels": {"pool": name},
            "resourceLabels": {"team": "ml"},
            "accelerators": [{"acceleratorCount": "4", "acceleratorType": "nvidia-tesla-a100"}],
        },
        "autoscaling": {"enabled": True, "minNodeCount": 1, "maxNodeCount": 2},
        "instanceGroupUrls": [f"{COMPUTE}/zones/us-central1-a/instanceGroupManagers/gke-train-{name}-1-grp"],
        **changes,
    }


def instance(name: str = "gke-train-a100-1", zone: str = "us-central1-a", **changes: Any) -> Json:
    return {
        "id": "4711",
        "name": name,
        "selfLink": f"{COMPUTE}/zones/{zone}/instances/{name}",
        "zone": f"{COMPUTE}/zones/{zone}",
        "machineType": f"{COMPUTE}/zones/{zone}/machineTypes/a2-highgpu-4g",
        "status": "RUNNING",
        "creationTimestamp": "2026-11-20T01:00:00.000-08:00",
        "labels": {
            "goog-gke-node": "",
            "goog-k8s-cluster-name": "train",
            "goog-k8s-cluster-location": "us-central1",
            "goog-k8s-node-pool-name": "a100",
        },
        "scheduling": {"provisioningModel": "STANDARD", "preemptible": False},
        "guestAccelerators": [
            {
                "acceleratorType": f"{COMPUTE}/zones/{zone}/acceleratorTypes/nvidia-tesla-a100",
                "acceleratorCount": 4,
            }
        ],
        **changes,
    }


def disk(name: str = "pvc-1", zone: str = "us-central1-a", **changes: Any) -> Json:
    return {
        "id": "4712",
        "name": name,
        "selfLink": f"{COMPUTE}/zones/{zone}/disks/{name}",
        "zone": f"{COMPUTE}/zones/{zone}",
        "type": f"{COMPUTE}/zones/{zone}/diskTypes/pd-balanced",
        "sizeGb": "500",
        "status": "READY",
        "creationTimestamp": "2026-10-01T01:00:00.000-07:00",
        "lastAttachTimestamp": "2026-10-01T01:01:00.000-07:00",
        "lastDetachTimestamp": "2026-10-20T01:00:00.000-07:00",
        "description": '{"kubernetes.io/created-for/pv/name":"pvc-1","kubernetes.io/created-for/pvc/name":"data",'
        '"kubernetes.io/created-for/pvc/namespace":"ml","storage.gke.io/created-by":"pd.csi.storage.gke.io"}',
        "labels": {
            "goog-gke-volume": "",
            "goog-k8s-cluster-name": "train",
            "goog-k8s-cluster-location": "us-central1",
        },
        **changes,
    }


def address(name: str = "web-ip", region: str = "us-central1", **changes: Any) -> Json:
    return {
        "id": "4713",
        "name": name,
        "selfLink": f"{COMPUTE}/regions/{region}/addresses/{name}",
        "region": f"{COMPUTE}/regions/{region}",
        "address": "203.0.113.40",
        "addressType": "EXTERNAL",
        "status": "RESERVED",
        "creationTimestamp": "2026-10-01T01:00:00.000-07:00",
        **changes,
    }


def rule(name: str = "a1b2c3", region: str = "us-central1", **changes: Any) -> Json:
    return {
        "id": "4714",
        "name": name,
        "selfLink": f"{COMPUTE}/regions/{region}/forwardingRules/{name}",
        "region": f"{COMPUTE}/regions/{region}",
        "IPAddress": "203.0.113.41",
        "loadBalancingScheme": "EXTERNAL",
        "target": f"{COMPUTE}/regions/{region}/targetPools/{name}",
        "creationTimestamp": "2026-10-01T01:00:00.000-07:00",
        "description": '{"kubernetes.io/service-name":"web/front"}',
        **changes,
    }
