"""Objects as Azure Resource Manager lists them, cut to what is read and a little more."""

import copy
from typing import Any

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml-rg"
NODE_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/MC_ML-RG_TRAIN_EASTUS"
CLUSTER_ID = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/train"
SCALE_SET_ID = f"{NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-gpu-12345678-vmss"


def changed(item: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The item with other values; ``properties__x=1`` sets a nested one."""
    made = copy.deepcopy(item)
    for name, value in values.items():
        *outer, last = name.split("__")
        inner = made
        for step in outer:
            inner = inner.setdefault(step, {})
        inner[last] = value
    return made


CLUSTER: dict[str, Any] = {
    "id": CLUSTER_ID,
    "name": "train",
    "type": "Microsoft.ContainerService/ManagedClusters",
    "location": "eastus",
    "tags": {"team": "ml"},
    "sku": {"name": "Base", "tier": "Standard"},
    "properties": {
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "kubernetesVersion": "1.33",
        "currentKubernetesVersion": "1.33.5",
        "dnsPrefix": "train",
        "fqdn": "train-abcdef.hcp.eastus.azmk8s.io",
        "nodeResourceGroup": "MC_ml-rg_train_eastus",
        "enableRBAC": True,
        "supportPlan": "KubernetesOfficial",
        "aadProfile": {"managed": True, "enableAzureRBAC": True, "tenantID": SUBSCRIPTION},
        "disableLocalAccounts": True,
        "apiServerAccessProfile": {"enablePrivateCluster": False},
        "agentPoolProfiles": [{"name": "gpu", "count": 2, "vmSize": "Standard_ND96asr_v4"}],
    },
}

POOL: dict[str, Any] = {
    "id": f"{CLUSTER_ID}/agentPools/gpu",
    "name": "gpu",
    "type": "Microsoft.ContainerService/managedClusters/agentPools",
    "properties": {
        "count": 2,
        "vmSize": "Standard_ND96asr_v4",
        "type": "VirtualMachineScaleSets",
        "mode": "User",
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "enableAutoScaling": True,
        "minCount": 0,
        "maxCount": 2,
        "availabilityZones": ["1", "2"],
        "scaleSetPriority": "Spot",
        "orchestratorVersion": "1.33",
        "currentOrchestratorVersion": "1.33.5",
        "nodeLabels": {"sku": "gpu"},
        "nodeTaints": ["sku=gpu:NoSchedule"],
        "tags": {"team": "ml"},
    },
}

SCALED_MACHINE: dict[str, Any] = {
    "id": f"{SCALE_SET_ID}/virtualMachines/0",
    "name": "aks-gpu-12345678-vmss_0",
    "type": "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
    "instanceId": "0",
    "location": "eastus",
    "sku": {"name": "Standard_ND96asr_v4", "tier": "Standard"},
    "zones": ["1"],
    "tags": {"aks-managed-poolName": "gpu"},
    "virtualMachineScaleSet": {
        "name": "aks-gpu-12345678-vmss",
        "tags": {"aks-managed-poolName": "gpu", "aks-managed-orchestrator": "Kubernetes:1.33.5"},
        "properties": {"virtualMachineProfile": {"priority": "Spot"}},
    },
    "properties": {
        "latestModelApplied": True,
        "vmId": "aaaaaaaa-0000-0000-0000-000000000000",
        "provisioningState": "Succeeded",
        "timeCreated": "2026-03-01T08:00:00.123+00:00",
        "osProfile": {"computerName": "aks-gpu-12345678-vmss000000"},
        "instanceView": {
            "statuses": [
                {
                    "code": "ProvisioningState/succeeded",
                    "level": "Info",
                    "displayStatus": "Provisioning succeeded",
                },
                {"code": "PowerState/running", "level": "Info", "displayStatus": "VM running"},
            ]
        },
    },
}

MACHINE: dict[str, Any] = {
    "id": f"{NODE_GROUP}/providers/Microsoft.Compute/virtualMachines/aks-single-1",
    "name": "aks-single-1",
    "type": "Microsoft.Compute/virtualMachines",
    "location": "eastus",
    "tags": {"aks-managed-poolName": "single"},
    "properties": {
        "provisioningState": "Failed",
        "priority": "Regular",
        "hardwareProfile": {"vmSize": "Standard_D8s_v5"},
        "timeCreated": "2026-03-01T08:00:00+00:00",
        "instanceView": {
            "statuses": [
                {"code": "PowerState/deallocated", "level": "Info", "displayStatus": "VM deallocated"}
            ]
        },
    },
}

DISK: dict[str, Any] = {
    "id": f"{NODE_GROUP}/providers/Microsoft.Compute/disks/pvc-0a1b",
    "name": "pvc-0a1b",
    "type": "Microsoft.Compute/disks",
    "location": "eastus",
    "zones": ["1"],
    "sku": {"name": "Premium_LRS", "tier": "Premium"},
    "tags": {
        "k8s-azure-created-by": "kubernetes-azure-dd",
        "kubernetes.io-created-for-pv-name": "pvc-0a1b",
        "kubernetes.io-created-for-pvc-name": "checkpoints",
        "kubernetes.io-created-for-pvc-namespace": "ml",
    },
    "properties": {
        "diskState": "Unattached",
        "diskSizeGB": 1024,
        "diskSizeBytes": 1099511627776,
        "tier": "P30",
        "timeCreated": "2025-11-01T00:00:00.0000000+00:00",
        "LastOwnershipUpdateTime": "2026-01-10T09:00:00.0000000+00:00",
        "provisioningState": "Succeeded",
    },
}

ADDRESS: dict[str, Any] = {
    "id": f"{NODE_GROUP}/providers/Microsoft.Network/publicIPAddresses/kubernetes-a0b1",
    "name": "kubernetes-a0b1",
    "type": "Microsoft.Network/publicIPAddresses",
    "location": "eastus",
    "zones": ["1", "2", "3"],
    "sku": {"name": "Standard", "tier": "Regional"},
    "tags": {"k8s-azure-cluster-name": "kubernetes", "k8s-azure-service": "ml/gateway,ml/second"},
    "properties": {
        "provisioningState": "Succeeded",
        "ipAddress": "20.1.2.3",
        "publicIPAllocationMethod": "Static",
    },
}

GATEWAY: dict[str, Any] = {
    "id": f"{NODE_GROUP}/providers/Microsoft.Network/natGateways/out",
    "name": "out",
    "type": "Microsoft.Network/natGateways",
    "location": "eastus",
    "sku": {"name": "Standard"},
    "properties": {"provisioningState": "Succeeded", "publicIpAddresses": [{"id": ADDRESS["id"]}]},
}

BALANCER: dict[str, Any] = {
    "id": f"{NODE_GROUP}/providers/Microsoft.Network/loadBalancers/kubernetes",
    "name": "kubernetes",
    "type": "Microsoft.Network/loadBalancers",
    "location": "eastus",
    "sku": {"name": "Standard", "tier": "Regional"},
    "tags": {"aks-managed-cluster-name": "train"},
    "publicIPAddresses": [{"id": ADDRESS["id"].lower(), "properties": {"ipAddress": "20.1.2.3"}}],
    "properties": {
        "provisioningState": "Succeeded",
        "loadBalancingRules": [{"name": "a1-TCP-443", "properties": {"frontendPort": 443}}],
        "frontendIPConfigurations": [
            {"name": "a1", "properties": {"publicIPAddress": {"id": ADDRESS["id"]}}},
            {"name": "a2", "properties": {"privateIPAddress": "10.224.0.9"}},
        ],
        "backendAddressPools": [
            {
                "name": "kubernetes",
                "properties": {
                    "backendIPConfigurations": [{"id": f"{SCALE_SET_ID}/virtualMachines/0/nic"}],
                    "loadBalancerBackendAddresses": [{"name": "by-nic"}],
                },
            },
            {
                "name": "aksOutboundBackendPool",
                "properties": {"backendIPConfigurations": [{"id": f"{SCALE_SET_ID}/virtualMachines/0/nic"}]},
            },
        ],
    },
}

USAGE: dict[str, Any] = {
    "unit": "Count",
    "currentValue": 96,
    "limit": 100,
    "name": {"value": "standardNDASv4_A100Family", "localizedValue": "Standard NDASv4_A100 Family vCPUs"},
}
