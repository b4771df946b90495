"""
What a word is good for is decided once: most carry nothing, some turn a question round, some stand before a name.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP = _words(
    """
    percentage percent vs versus uses away highest lowest largest smallest longest shortest oldest earliest
    biggest fewest
    a an the this that these those it its their them they there here i me my mine we us our you your is are was
    were be been being am do does did done have has had having can could will would shall should may might must
    let please show list give tell find get see look display print want need know like check report return any
    some all every each both which what who whom whose when where why how and or of to in on at by for from with
    as into onto about per than then also just currently current now right still yet already ever really
    actually exactly only so such same more most much many few if but up out off over under between among within
    during while because due pod pods container containers cluster clusters namespace namespaces kubernetes
    object objects resource resources thing things hello hi hey thanks s re ve name names kind count number
    amount total time times details detail info information data lately recently recent last past previous since
    ago long longer behind across against one ones other others owner owners exit code codes reason reasons
    cause causes limit limits request requests smallest change message log logs line lines success successes
    latest newest oldest evidence id ids happened seen running run's near close nearly almost affected affecting
    hit hitting gets got gotten becoming became go goes went going come team teams set sets service services
    first second order ordered sort sorted top needed trying try tried use used using usage user users held
    holder holders hold holding shortage short peer peers port ports direction directions high low state status
    age old new day days week weeks hour hours minute minutes month months night nightly today yesterday tonight
    overnight least approximately around roughly group grouped together broken down keep keeps kept caused
    anything everything something someone somebody nothing summed descending ascending usd event events work
    works worked column columns table infrastructure reported listed stand stands fast slow quickly explain
    describe provide involving concerning regarding related
    """
)
"""Words that carry no filter by themselves; numbers, times and places are read before them."""

NEGATIONS = _words(
    """
    not no never without except excluding exclude outside neither nor none cannot
    """
)
"""Words that turn a question round."""

JOINED = _words(
    """
    out of memory oom killed kill cpu gpu only back off re schedule scheduled time timeout multi attach
    """
)
"""Words that may be joined by hyphens without being a name."""

KINDS = _words(
    """
    pod deployment statefulset daemonset job cronjob node pool nodepool claim pvc volume pv workflow dag
    raycluster rayjob pytorchjob container queue quota networkpolicy service object workload named called
    pipeline
    """
)
"""Words that an object's name may follow."""

PREFIXES = _words(
    """
    JOB OOM GPU PVC QTA NET NOD WRK PIP CTL CLD CST
    """
)
"""What the codes of checks begin with, by concern."""

PRODUCTS = _words(
    """
    a100 h100 h200 b200 b300 gb200 gb300 l4 l40 l40s t4 v100 p100 p4 a10 a10g a30 a40 a6000 mi210 mi250 mi300
    mi300x mi325x gaudi gaudi2 gaudi3 tpu trainium inferentia
    """
)
"""GPU products as people call them; a part of the product's name in the report."""
