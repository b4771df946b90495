"""
The table of planted faults: what is broken on purpose, and what a scan must therefore say.

A test over it is short: `lay_base`, `apply_faults`, `settle`, one scan, then for each fault look for a
finding with its code and subject.
"""

from .fault import Fault, Stage, Subject, apply_faults, settle, unseen
from .faults_cluster import CLUSTER_FAULTS
from .faults_gpu import GPU_FAULTS
from .faults_jobs import JOB_FAULTS
from .faults_memory import MEMORY_FAULTS
from .faults_policy import POLICY_FAULTS
from .faults_storage import STORAGE_FAULTS
from .faults_workloads import WORKLOAD_FAULTS

FAULTS: tuple[Fault, ...] = (
    *JOB_FAULTS,
    *MEMORY_FAULTS,
    *GPU_FAULTS,
    *STORAGE_FAULTS,
    *POLICY_FAULTS,
    *WORKLOAD_FAULTS,
    *CLUSTER_FAULTS,
)

# settings of a scan for which seconds are old enough: nothing on a test plane has an age
QUICK_AGES = '[ages]\nfatal = "1s"\nwait = "1s"\ncontroller = "1s"\nwaste = "1s"\n'

__all__ = ["FAULTS", "QUICK_AGES", "Fault", "Stage", "Subject", "apply_faults", "settle", "unseen"]
