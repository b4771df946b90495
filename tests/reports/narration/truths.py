"""
True sentences about the demo's problems, as models write them: a problem's object, the findings cited, the sentence.

They were written from the demo's JSON report, before the check was tuned, by what is true and not by what passes.
"""

TRUTHS = """
ml-platform/policy-webhook | f1 | 1 pod has waited 85 min for a node.
ml-platform/policy-webhook | f1 | One pod of Deployment ml-platform/policy-webhook has waited 85 minutes for a node.
ml-platform/policy-webhook | f1 | Deployment policy-webhook: 1 pod has been waiting for a node for 85 min.
ml-platform/policy-webhook | f1 | 1 pod of policy-webhook has been waiting 1 h 25 min for a node (selector).
ml-platform/policy-webhook | f1 | A pod of policy-webhook cannot be scheduled onto any node.
ml-platform/policy-webhook | f1 f2 | 1 pod of policy-webhook has waited 85 min for a node, which led to a rollout stuck for 30 min.
ml-platform/policy-webhook | f2 | The rollout of Deployment policy-webhook has been stuck for 30 min, with 0 of 1 replicas available.
ml-platform/policy-webhook | f2 | Rollout stuck for 30 minutes, 0 of 1 replicas available.
ml-platform/policy-webhook | f3 | Webhook policy.ml-platform.example.com must answer, and its Service ml-platform/policy-webhook has had no ready endpoint for 85 min.
ml-platform/policy-webhook | f3 | Writes of pods in 2 namespaces are refused because Service policy-webhook has had no ready endpoint for 85 min.
ml-platform/policy-webhook | f3 | ValidatingWebhookConfiguration ml-platform-policy: writes of pods in two namespaces are refused.
ml-platform/policy-webhook | f1 f3 | One pod of Deployment policy-webhook has waited 85 min for a node; this led to: writes of pods in 2 namespaces are refused.
t4-04 | f1 | Node t4-04 has not been ready for 47 min.
t4-04 | f1 | t4-04 is not ready, and 1 pod and 1 GPU are on it.
t4-04 | f1 | Node t4-04 has been unready for 47 minutes with reason NodeStatusUnknown.
t4-04 | f2 | 1 pod of RayCluster ray/recsys on t4-04 cannot be reached.
t4-04 | f2 | RayCluster recsys: 1 pod on t4-04 cannot be reached because t4-04 has not been ready for 47 min.
t4-04 | f1 f2 | Node t4-04 has not been ready for 47 min, which led to: 1 pod of RayCluster ray/recsys on t4-04 cannot be reached.
t4-04 | f1 f2 | RayCluster recsys has 1 pod on t4-04 that cannot be reached because t4-04 has not been ready for 47 min.
t4-04 | f1 | The node costs 878.92 USD per month.
docker.io | f1 | Registry docker.io fails 3 owners in 3 namespaces for 52 min because the registry throttles.
docker.io | f1 | docker.io fails three owners in three namespaces: the registry throttles (too many requests).
docker.io | f1 | The registry docker.io throttles with too many requests.
docker.io | f2 | Image docker.io/library/nginx:1.29 of container main cannot be pulled for 52 min: the registry throttles.
docker.io | f1 f2 | Registry docker.io fails 3 owners for 52 min, which led to: Deployment team-vision/cvat-proxy: image docker.io/library/nginx:1.29 of container main cannot be pulled for 52 min.
general-10 | f1 | Node general-10 has had MemoryPressure for 38 min.
general-10 | f1 | general-10 has had MemoryPressure for 38 minutes because kubelet has insufficient memory available.
general-10 | f1 | On node general-10, 3 pods were evicted for memory.
general-10 | f1 | general-10 has had MemoryPressure for 38 min: 3 pods evicted for memory (59.8 MiB left, threshold 100 MiB).
general-10 | f2 | 3 pods of Deployment data-pipelines/loader were evicted from general-10 for memory.
general-10 | f2 | Deployment loader: 3 pods were evicted from general-10 for memory when 59.8 MiB were left (threshold 100 MiB).
general-10 | f2 f3 | Deployment loader: 3 pods evicted from general-10 for memory, which led to rollout stuck for 30 min.
general-10 | f1 f2 | general-10 has had MemoryPressure for 38 min; this led to: Deployment data-pipelines/loader: 3 pods evicted from general-10 for memory.
general-10 | f3 | Deployment loader has 1 of 4 replicas available.
general-10 | f3 | Deployment data-pipelines/loader: rollout stuck for 30 min with 1 of 4 replicas available.
airflow/features_daily | f1 | Container base of DAG features_daily was OOM-killed 3 times in 3 pods within 24 h at its limit of 4 GiB.
airflow/features_daily | f1 | Container base was OOM-killed three times in three pods within 24 hours.
airflow/features_daily | f1 | Container base was OOM-killed because it reached its memory limit of 4 GiB.
airflow/features_daily | f1 | Container base was OOM-killed 3 times because it exceeded its memory limit of 4096 MiB.
airflow/features_daily | f1 | DAG airflow/features_daily: container base was OOM-killed at its limit of 4 GiB, last 29 min ago.
airflow/features_daily | f1 | Every finished attempt died so.
airflow/features_daily | f1 | Within 24 h, container base was OOM-killed 3 times at its limit of 4 GiB.
airflow/features_daily | f1 | Container base was OOM-killed with exit code 137.
airflow/features_daily | f1 | The kernel killed container base at 4 GiB.
airflow/features_daily | f1 | The last kill of container base was 29 min ago.
h100-8x-04 | f1 | h100-8x-04 offers 7 of its 8 GPUs.
h100-8x-04 | f1 | Node h100-8x-04 offers only 7 of its 8 GPUs.
h100-8x-04 | f1 | Node h100-8x-04 offers 7 of its 8 GPUs (nvidia.com/gpu) and 1 is lost.
h100-8x-04 | f1 | On h100-8x-04 1 GPU is lost, and 1 pod holds GPUs there.
h100-8x-04 | f1 | 1 pod holds GPUs there.
team-vision/team-vision | f1 | Quota team-vision refuses pods of Job/team-vision/eval-weekly for 2 h 20 min.
team-vision/team-vision | f1 | ResourceQuota team-vision refuses pods of Job team-vision/eval-weekly for 2 h 20 min: one asks for 8 requests.nvidia.com/gpu, 22 of 22 are used.
team-vision/team-vision | f1 | One asks for 8 requests.nvidia.com/gpu, 22 of 22 are used.
team-vision/team-vision | f1 | PyTorchJob team-vision/detector holds 10.
team-vision/team-vision | f2 | Job team-vision/eval-weekly: 0 of 1 pods exist for 2 h 20 min.
team-vision/team-vision | f1 f2 | The quota refuses pods of Job team-vision/eval-weekly for 2 h 20 min, which led to: Job team-vision/eval-weekly: 0 of 1 pods exist for 2 h 20 min, the rest is not created.
ml-research/checkpoints | f1 | Claim checkpoints of 2 TiB has been Pending for 2 h 30 min because storage class fast-nvme does not exist.
ml-research/checkpoints | f1 | PersistentVolumeClaim ml-research/checkpoints has been Pending for 2.5 hours.
ml-research/checkpoints | f1 | Storage class fast-nvme does not exist.
ml-research/checkpoints | f1 | Claim checkpoints of 2 TiB has been Pending for 150 min, and 1 pod waits.
ml-research/checkpoints | f1 f2 | Claim checkpoints has been Pending for 2 h 30 min, which led to: Deployment ml-research/tuner: 1 pod has waited 2 h 29 min for a node.
ml-research/checkpoints | f2 | Deployment tuner: 1 pod has waited 2 h 29 min for a node.
ml-research/checkpoints | f2 f3 | Deployment tuner: 1 pod has waited 2 h 29 min for a node; this led to rollout stuck for 30 min.
ml-research/checkpoints | f3 | Deployment ml-research/tuner: 0 of 1 replicas available.
ml-research/checkpoints | f3 | No replica of Deployment tuner is available.
serving/feature-store | f1 | Container main of 3 pods keeps crashing with exit code 1.
serving/feature-store | f1 | Container main of 3 pods of Deployment feature-store keeps crashing with exit code 1 (Error), with 21 restarts.
serving/feature-store | f1 | Deployment serving/feature-store: container main of 3 pods keeps crashing, and 0 of 3 replicas are ready.
serving/feature-store | f1 | Container main has restarted 21 times.
serving/feature-store | f1 | Deployment feature-store: 21 restarts, last end 3 min ago.
serving/feature-store | f1 f2 | Container main of 3 pods keeps crashing with exit code 1, which led to: rollout of Deployment feature-store stuck for 30 min.
serving/feature-store | f1 f2 | Container main of 3 pods keeps crashing with exit code 1, which led to: Deployment feature-store: rollout stuck for 30 min, 0 of 3 replicas available.
serving/feature-store | f3 | None of the pods behind Service feature-store is ready.
serving/feature-store | f2 f3 | Deployment feature-store: rollout stuck for 30 min; this led to: none of the pods behind Service feature-store is ready.
serving/feature-store | f3 | No pod behind Service serving/feature-store is ready.
serving/llama-guard | f1 | Secret hf-token does not exist in namespace serving.
serving/llama-guard | f1 | Secret hf-token is missing in namespace serving, needed by container main for 1 h 50 min.
serving/llama-guard | f1 | Secret hf-token, needed by container main for 110 min, does not exist in namespace serving.
serving/llama-guard | f1 f2 | Secret hf-token does not exist in namespace serving, which led to: Deployment llama-guard: rollout stuck for 30 min.
serving/llama-guard | f2 | Deployment llama-guard: rollout stuck for 30 min, 0 of 1 replicas available.
serving/llama-guard | f2 | The rollout of llama-guard is stuck with reason ProgressDeadlineExceeded.
ml-platform/registry-data | f1 | Claim registry-data has kept 1 pod from starting for 34 min because pod artifact-store-74xv8p54m-76qd5 on general-01 holds it.
ml-platform/registry-data | f1 | Pod artifact-store-74xv8p54m-76qd5 on general-01 holds it.
ml-platform/registry-data | f1 | Claim ml-platform/registry-data has kept one pod from starting for 34 minutes: pod artifact-store-74xv8p54m-76qd5 on general-01 holds it.
ml-platform/registry-data | f1 f2 | Claim registry-data has kept 1 pod from starting for 34 min, which led to: Deployment artifact-store: rollout stuck for 30 min.
ml-platform/registry-data | f1 | The volume is still held by pod artifact-store-74xv8p54m-76qd5 on node general-01.
ray/sweep-9 | f1 | Image registry.example.com/ray/ray:2.60.1-cu129 of container ray-worker cannot be pulled in 2 pods because it does not exist there.
ray/sweep-9 | f1 | RayCluster sweep-9: image registry.example.com/ray/ray:2.60.1-cu129 of container ray-worker cannot be pulled in 2 pods for 66 min.
ray/sweep-9 | f1 | The image registry.example.com/ray/ray:2.60.1-cu129 cannot be pulled by 2 pods.
ray/sweep-9 | f1 | Image registry.example.com/ray/ray:2.60.1-cu129 of container ray-worker cannot be pulled in 2 pods for 1.1 hours.
team-vision/depth-finetune | f1 | 1 pod has waited 3 h 12 min for a node with 4 nvidia.com/gpu (fragmented).
team-vision/depth-finetune | f1 | PyTorchJob depth-finetune: 1 pod has waited 192 min for a node with 4 nvidia.com/gpu.
team-vision/depth-finetune | f1 | 4 wanted, largest free block is 3.
team-vision/depth-finetune | f1 | One pod of depth-finetune needs 4 GPUs on one node, but the largest free block is 3.
data-pipelines/nightly-export | f1 | Container main of 3 pods keeps crashing with exit code 2 (Error).
data-pipelines/nightly-export | f1 | Container main of 3 pods keeps crashing: at least 3 failing ends in 60 min, last end 43 min ago.
data-pipelines/nightly-export | f2 | CronJob data-pipelines/nightly-export: no success in 3 due runs, exit code 2, last success 73 h ago.
data-pipelines/nightly-export | f2 | CronJob nightly-export had no success in 3 due runs.
data-pipelines/nightly-export | f1 f2 | Container main of 3 pods keeps crashing with exit code 2, which led to: CronJob nightly-export: no success in 3 due runs.
data-pipelines/nightly-export | f1 f2 | CronJob nightly-export: no success in 3 due runs because container main of 3 pods keeps crashing with exit code 2.
argo/tokenize-7kq2m | f1 | Container main was OOM-killed at its limit of 2 GiB, last 42 min ago after it ran 18 min on general-06.
argo/tokenize-7kq2m | f1 | Workflow tokenize-7kq2m: container main was OOM-killed at its limit of 2048 MiB.
argo/tokenize-7kq2m | f1 | Container main of Workflow argo/tokenize-7kq2m was OOM-killed because it reached its memory limit of 2 GiB.
argo/tokenize-7kq2m | f1 | Container main was OOM-killed (OOMKilled, exit code 137).
monitoring/synthetic-probe | f1 | 30 runs are missing, the first due 5 h ago.
monitoring/synthetic-probe | f1 | CronJob synthetic-probe: 30 runs are missing, the last one was started 5 h 10 min ago.
monitoring/synthetic-probe | f1 | The last run was started 5 h 10 min ago.
data-pipelines/backfill-2026-10 | f1 | Job backfill-2026-10 failed for good 4 h 20 min ago with reason DeadlineExceeded after 1 failed pod.
data-pipelines/backfill-2026-10 | f1 | Job failed for good 4 h 20 min ago, DeadlineExceeded after 1 failed pod.
data-pipelines/backfill-2026-10 | f1 | Job data-pipelines/backfill-2026-10 failed for good 260 minutes ago.
a100-8x | f1 | 2 idle nodes of pool a100-8x (16 A100): a100-8x-06 for 61 h, a100-8x-07 for 61 h.
a100-8x | f1 | Pool a100-8x has 2 idle nodes.
a100-8x | f2 | Deployment ml-platform/feature-cache: 2 pods without GPU on 2 GPU nodes (A100), asking for 8 cpu and 128 GiB.
a100-8x | f3 | Idle GPU nodes a100-8x-06, a100-8x-07 (16 GPUs) kept by disruption budget feature-cache allows none.
data-pipelines/event-router | f1 | Policies default-deny, event-router-kafka lock the egress of its 8 pods and no rule reaches kube-system/kube-dns on UDP/53 and TCP/53.
data-pipelines/event-router | f1 | Deployment event-router: no rule reaches kube-system/kube-dns on UDP/53 and TCP/53.
data-pipelines/event-router | f1 | 8 pods of Deployment event-router cannot reach DNS.
ml-research/tuner | f1 | Deployment tuner: no policy covers ingress and egress.
ml-research/tuner | f1 | No policy covers ingress and egress: anything may connect to and nothing limits the connections of its 1 pod.
ml-research/tuner | f1 | Because no policy covers ingress and egress, anything may connect to it.
data-pipelines/data-pipelines | f1 | requests.cpu is 94 % full: 60.2 of 64 are used.
data-pipelines/data-pipelines | f1 | Quota data-pipelines: requests.cpu is 94% full.
data-pipelines/data-pipelines | f1 | Deployment data-pipelines/ingest-api holds 3.
data-pipelines/data-pipelines | f1 | 60.2 of 64 requests.cpu are used.
"""
