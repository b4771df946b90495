"""Pods as the API server writes them, in parts that a test changes."""

import copy
from typing import Any

Json = dict[str, Any]

TIME = "2026-03-04T10:12:00Z"


def pod(name: str = "train-0", token: str = "abcde", node: str = "gpu-1", **status: Any) -> Json:
    """A plainly running pod with a proxy, the injected token volume and two claims."""
    mount = {"name": f"kube-api-access-{token}", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    return copy.deepcopy(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": "ml",
                "uid": f"uid-{name}",
                "creationTimestamp": TIME,
                "resourceVersion": "7",
                "labels": {"app": "train", "pod-template-hash": "abc"},
                "annotations": {
                    "kubectl.kubernetes.io/last-applied-configuration": '{"secret":"hunter2"}',
                    "prometheus.io/scrape": "true",
                    "dag_id": "etl",
                    "karpenter.sh/do-not-disrupt": "true",
                },
                "ownerReferences": [
                    {"apiVersion": "example.com/v1", "kind": "Other", "name": "o", "uid": "u-o"},
                    {
                        "apiVersion": "apps/v1",
                        "kind": "ReplicaSet",
                        "name": "train-abc",
                        "uid": "u-rs",
                        "controller": True,
                    },
                ],
                "managedFields": [{"manager": "kubelet", "fieldsV1": {"f:status": {}}}],
            },
            "spec": {
                "nodeName": node,
                "hostname": name,
                "serviceAccountName": "train",
                "schedulerName": "default-scheduler",
                "priority": 1000,
                "priorityClassName": "high",
                "terminationGracePeriodSeconds": 60,
                "volumes": [
                    {"name": "data", "persistentVolumeClaim": {"claimName": f"data-{name}"}},
                    {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}},
                    {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "2Gi"}},
                    {"name": "config", "configMap": {"name": "train-config", "optional": True}},
                    {"name": "all", "projected": {"sources": [{"secret": {"name": "tls"}}]}},
                    {
                        "name": mount["name"],
                        "projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]},
                    },
                ],
                "containers": [
                    {
                        "name": "main",
                        "image": "registry/train:1",
                        "volumeMounts": [mount],
                        "command": ["torchrun", "--nproc_per_node=8", "--tensor-parallel-size", "4"],
                        "args": ["--queue", "amqp://u:p4ss@rabbit.mq.svc:5672/x", "--password", "abc:1234"],
                        "resources": {
                            "requests": {"cpu": "4", "memory": "32Gi"},
                            "limits": {"nvidia.com/gpu": "8"},
                            "claims": [{"name": "gpu"}],
                        },
                        "ports": [
                            {"containerPort": 8080, "name": "http"},
                            {"containerPort": 9, "hostPort": 9, "protocol": "UDP"},
                        ],
                        "readinessProbe": {"httpGet": {"port": 8080}},
                        "env": [
                            {"name": "REDIS", "value": "redis.ml.svc:6379"},
                            {"name": "WORLD_SIZE", "value": "16"},
                            {"name": "CUDA_VISIBLE_DEVICES", "value": "0,1,2,3"},
                            {"name": "DB_PASSWORD", "value": "hunter:2222"},
                            {"name": "DB_HOST", "value": "db.ns"},
                            {"name": "DB_PORT", "value": "5432"},
                            {"name": "MODE", "value": "fast"},
                            {
                                "name": "KEY",
                                "valueFrom": {"secretKeyRef": {"name": "keys", "key": "k", "optional": True}},
                            },
                        ],
                        "envFrom": [{"configMapRef": {"name": "settings"}}],
                    }
                ],
                "initContainers": [
                    {"name": "proxy", "image": "proxy", "restartPolicy": "Always"},
                    {"name": "init"},
                ],
                "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
                "nodeSelector": {"pool": "gpu"},
                "affinity": {
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [
                                {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}
                            ]
                        }
                    },
                    "podAntiAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "host"}]
                    },
                },
                "topologySpreadConstraints": [{"maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}],
                "imagePullSecrets": [{"name": "pull"}],
                "overhead": {"cpu": "250m"},
                "resourceClaims": [{"name": "gpu"}],
            },
            "status": {
                "phase": "Running",
                "startTime": TIME,
                "conditions": [
                    {"type": "PodScheduled", "status": "True"},
                    {"type": "Ready", "status": "True"},
                ],
                "containerStatuses": [running("main")],
                "initContainerStatuses": [running("proxy"), ended("init")],
                **status,
            },
        }
    )


def running(name: str, **rest: Any) -> Json:
    return {
        "name": name,
        "ready": True,
        "restartCount": 0,
        "state": {"running": {"startedAt": TIME}},
        "lastState": {},
        **rest,
    }


def ended(name: str, code: int = 0, **rest: Any) -> Json:
    state = {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed", "finishedAt": TIME}}
    return {"name": name, "ready": code == 0, "restartCount": 0, "state": state, "lastState": {}, **rest}
