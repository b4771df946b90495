"""
A message of ours may carry a text that the cluster wrote: a reason, a last word, an insult to the reader.

These are the words that our own messages are made of. A part of a message with any other word in it is testimony: it is
neither sent to a model nor does it prove a sentence. A check with a new word loses nothing but that: until the word is
added here, the part of its message that holds it is told by the template alone.
"""

from reports.narration.lexicon import stems

_WORDS = """
about above absent accepted access active activity add added adding admission affinity after again agentpool ago
ahead airflow aks alive all allocatable allocated allocation allow allowed allows alone alternative always amazon
amd amount an and annotation annually another answer answers antrea any anything api app application applied apply
apps apr architecture are argo args arithmetic around as ask asked asking asks at attach attached attempt attempts
aug auth authentication authorization authorize autoscaler available away aws azure back bare basic basis batch be
because been before behind being beside better between big binds block blocker blockers blocks both bound brim bring
brought budget budgets build built busy but by bytes cache caches calico called calling calls can canal cannot
capacity carries carry cash catalogue cattle cause causes certificate certificates chance change changed check
checkpoint checkpoints checks choose chronic cilium claim claims class classes client close cloud cluster cluster's
clusters cni code collectives columns come comes command commitment complained complete completed computed computes
condition conditions config configmaps configuration configured connect connection connections connects constant
container content context control controller controller's cordon cordoned core coredns cores correlate correlation
cost costs could covered covers cpu cpx crash crashing create created creation credentials critical cronjob cronjobs
csi culling cut cycles daemonsets dagster daily data day days dcgm deadline deadlineexceeded dec declare declared
deepscan default demand denied deny deploy deployment deployments derived describe descriptor destructive detach
detaching device devices did die died directions directory discounts disk disruption dns do does down dpx drain
driver drop due duration each ebs effective efs egress either else elsewhere empty end ended endpoint endpoints
endpointslices ends enforced enforces engine enough entry ephemeral equal error errors established evaluated
evaluates event events ever every evicted evictions exactly exceeded exec executable exist existing exists exit
exits expand expansion expected experiment explain export exported exporter exporter's exporters exposed fail failed
failing fails failure false far fault feasible feb feed feeding few fewer fields file file's files filesystem fill
filler filling find findings finished first fit fits flannel flows for forbid forbidden forgotten format former
found fourth fragmented free fresh fri from fsx full gap gatekeeper gave gb gce gcp get getaddrinfo gib give given
gives gke good got governed gpu gpus graph guards ha habana had half hami hand handle hands handshake hard has have
header headroom heartbeat held here high higher hint history hit hold holder holders holding holds host hour hourly
how http https hugepages hyphens idle image image's images immediate impossible in index indexes ineffective inf
info ingress ingresses init inode inodes input inspect insufficient intel internal invalid inventory is it items its
itself jan job job's jobs jobset jsonpath jul jun kai karpenter keep keeps kept key kib kill killed killing kills
kind kindnet kinds known kube kubectl kubeflow kubelet kubelet's kuberay kubernetes kueue kustomization label labels
large larger largest last lasts leaks lease least leave leaves left less let lets likely limit limited limits line
lines linked links list loader local localhost lock locked locks log logs long longer longest look looked looks loop
losing lost low lower machine made main maintenance make man manifest manifests many mar mark marks match matching
maximum may mb measure measured medium memory mend mentioned merge message met metallb metric metrics mib midnight
mig min minimum minute mirror misbehaving missed missing mixed mode model mon month monthly more most mount mounted
mounts move moved multi multiprocessors must mutates mutatingwebhookconfigurations name names namespace namespaces
nearly needed needs neither network networkpolicies networkpolicy neuron never new newest next nfs no nobody node
node's nodelocaldns nodes nominated none nor not note notebook notebooks notfound nothing nov now number nvidia
object objects observation observed oct of off offer offered offers often old older on once one only oom open
openshift or order orphaned other others out outside over overwrite ovn own owned owner owners parse part partial
patch pattern peak peers pending perhaps period periods permission persistentvolume persistentvolumeclaim
persistentvolumeclaims persistentvolumes persisting pid pids place placed places plan platform plug plugin pod
poddisruptionbudgets pods policies policy pool pool's port ports possible power precision predicted preempted
preempting prefect pressure price prices priority priorityclasses process processes processor product profile
program progressing prometheus prove provider providers provisioned provisioner provisioner's provisioning
provisions proxy pull pulled push qps qpx quarter quota quota's quotas quotation raise ran range rate ratio reach
reached reaches read reads ready reason rebooted reclaimed recorded recurring reference referenced refusal refused
refuses region registry registry's relation released renew replace replaced replica replicas replicasets
replicationcontrollers report request requested requests required reserved reset resolution resolve resource
resourcequota resourcequotas resources response rest restart restarted restarts restore retain retries revision
revive rollout rook room rooms root route row rule rules run runai running runs runtime runtime's said same sample
sat saved saving say says scale scanner schedule scheduler scrape scrapes seconds secret secrets see seen select
selector selects send sep series served server service serviceaccounts services set settings severity share short
shorter shortest shortfall shows shrink shutdown signal signature since size skipped slashes sleep sleeps slice
slices slot slots slowly sm smaller smallest snapshot some sorted source space spark speaks spec spike spot spx
stale standalone stands start started starting starts startup starved statefulsets status stays still stop stopped
stops storage storageclass storageclasses str stranded strength stuck succeeded success such sum sun suspend symptom
system table tag taint take taken takes tb tcp telemetry tell template templates temporary tensor term terminated
terminating terms tesla than that the their them then there these they this though threshold throttled throttles
through thu tib tick ticks tied tigera time timed timeout times tls to together token told tolerate tolerations too
toomanyrequests top touches tpu tpx trace trend trial true truncated trust tue tuple two type types udp unanswered
unauthorized unavailable unbound uncordon undated under unit unknown unlabelled unparseable unreachable unrecognized
unschedulable until up updated upgrade us usd use used users uses utf vain validatingwebhookconfigurations variable
verdict vertex violates visible volcano volume volumeattachments volumes volumesnapshots wait waited waiting waits
want wanted was waves way weave webhook webhooks wed week weekly weights well were what when where whether which
while who whole whose why wide will with within without words work workflow workload workloads worse would write
writes xid yaml yearly years young zombie zone zones
"""

KNOWN = frozenset(stem for word in _WORDS.split() for stem in stems(word))
"""The stems of our words."""
