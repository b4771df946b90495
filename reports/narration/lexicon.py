"""
English is endless; what a model may say of a fault is not.

The closed word classes by which sentences are compared: what carries no claim of its own, what bounds a phrase, what
says the same in another form, which phrases state a cause, and what no sentence may hold at all.
"""

import re

FREE = frozenset({
    "a", "an", "the", "this", "that", "these", "those", "there", "which", "who", "it", "its", "they", "their",
    "he", "his", "is", "are", "was", "were", "be", "been", "being", "am", "has", "have", "had", "having",
    "do", "does", "did", "of", "with", "at", "then", "thus", "so",
})  # fmt: skip
"""Words without a claim of their own: two texts that differ in these alone say the same."""

PREPOSITIONS = frozenset({
    "in", "within", "on", "for", "to", "behind", "by", "from", "under", "during", "since", "until", "over",
    "after", "before", "beyond", "against", "into", "onto", "via", "through", "among",
})  # fmt: skip
"""Words that open a phrase and mean something: ``in 3 pods`` is not ``on 3 pods``."""
OPENERS = frozenset(["in", "within", "on", "for", "by", "under", "during", "over", "after", "before"])
"""Those of them at which a statement may be cut: what stands behind can be left out or moved."""

JOINERS = frozenset(["and", "but", "while", "where", "when", "also", "plus"])
"""Words between two statements; they state no cause."""

NEGATIONS = frozenset({
    "not", "no", "none", "nothing", "nobody", "never", "neither", "nor", "without", "only", "all", "every",
    "each", "any", "both", "most", "few", "fewer", "less", "least", "more", "atleast", "atmost", "alone",
})  # fmt: skip
"""A statement with one of these is not cut: without its end it would say more than was seen."""

SAME = {
    "cannot": "not", "can't": "not", "couldn't": "could not", "isn't": "not", "aren't": "not", "wasn't": "not",
    "weren't": "not", "doesn't": "not", "don't": "not", "didn't": "not", "hasn't": "not", "haven't": "not",
    "won't": "will not", "unavailable": "not available", "unready": "not ready", "nonexistent": "not exist",
    "missing": "not exist", "absent": "not exist", "unused": "not use", "pods": "pod", "kept": "keep", "held": "hold",
    "ran": "run", "running": "run", "got": "get", "made": "make", "left": "left", "died": "die",
    "dies": "die", "lies": "lie", "said": "say", "told": "tell", "lost": "lost", "stopped": "stop",
    "scheduled": "place", "oom": "oom", "killed": "kill", "kills": "kill", "gpus": "gpu", "cpus": "cpu",
    "times": "time", "replicas": "replica", "copies": "copy", "policies": "policy", "replica": "replica",
    "status": "status", "dns": "dns", "access": "access", "pvc": "claim", "namespaces": "namespace", "ns": "namespace",
    "restarting": "restart", "needed": "need", "idle": "idle", "able": "able", "node's": "node", "bus": "bus",
    "process": "process", "address": "address", "egress": "egress", "ingress": "ingress", "less": "less",
    "class": "class", "success": "success", "always": "always", "as": "as", "us": "us", "yes": "yes",
}  # fmt: skip
"""Other forms of a word, where cutting its ending would not find them; ``""`` is a free word."""

NUMBERS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "ninety": 90, "hundred": 100, "thousand": 1000,
}  # fmt: skip
"""Number words count as numbers; ``once`` and ``twice`` as a number of times."""
TIMES = {"once": 1, "twice": 2, "thrice": 3}

PHRASES = (
    (re.compile(r"\bat least\b"), "atleast"),
    (re.compile(r"\b(?:at most|up to|no more than)\b"), "atmost"),
    (re.compile(r"\bin (?:the )?(?:last|past) (?=\d)"), "within "),
    (re.compile(r"\b(?:over|during) (?:the )?(?:last|past) (?=\d)"), "within "),
    (re.compile(r"\bout[- ]of[- ]memory\b"), "oom"),
    (re.compile(r"\bno longer\b"), "nolonger"),
    (re.compile(r"\bas well as\b"), "and"),
    (re.compile(r"\bunable to (?:be )?"), "not "),
    (re.compile(r"\bfailed to (?:be )?"), "fail to "),
    (re.compile(r"\bmust not\b"), "mustnot"),
)
"""Phrases that are one word, in small letters."""

FORWARD = re.compile(
    r"(?:\bwhich )?\b(?:in turn )?(?:has |have |had )?(?P<hedge>may have |might have )?"
    r"(?:led to|leads to|lead to|caused|causes|contributed to|resulted in|results in)\b:?",
    re.IGNORECASE,
)
"""What stands before is the cause."""
BACKWARD = re.compile(
    r"\b(?:because of|because|due to|as a result of|as a consequence of|owing to|as a reason for)\b",
    re.IGNORECASE,
)
"""What stands behind is the cause."""
PASSIVE = re.compile(r"\b(?:(?:is|was|are|were|been) )(?:caused|brought about) by\b", re.IGNORECASE)
ANAPHORA = re.compile(
    r"^\s*(?:this|that|it|which)?\s*(?:in turn)?\s*$|^\s*as a (?:result|consequence),?\s*$", re.IGNORECASE
)
"""What stands for the sentence before."""

NEVER = (
    ("a link", re.compile(r"https?:|www\.|://|\]\(|<[^>]*>|\bmailto:", re.IGNORECASE)),
    ("code", re.compile(r"`|\$\(|\$\{|&&|\|\||[|;]\s*(?:sh|bash)\b|(?<!\S)--?[a-z]|(?<!\S)[#>*|]", re.IGNORECASE)),
    (
        "a command",
        re.compile(
            r"\b(?:kubectl|helm|docker|curl|wget|bash|sudo|systemctl|chmod|python\d?|pip|apt|apt-get|git|terraform|"
            r"aws|gcloud|az|oc|eksctl|rm|ssh|nsenter|exec|eval)\b(?!\s+(?:is|was|of)\b)|/bin/|/usr/|/etc/",
            re.IGNORECASE,
        ),
    ),
    ("a role", re.compile(r"\b(?:system|assistant|user|developer|human|tool)\s*:|<\||\[/?INST\]", re.IGNORECASE)),
    (
        "comfort",
        re.compile(
            r"\b(?:no|not|without|nothing|never|zero)\b[^.;]{0,30}\b(?:action|actions|attention|intervention|concern|"
            r"worry|wrong|problem|problems|issue|issues|impact|urgent|serious|fix|harm|fault|reason to)\b"
            r"|\b(?:healthy|harmless|benign|ignored?|ignorable|resolved|fixed|solved|normally|as expected|"
            r"false positive|false alarm|self-heal\w*|recover\w*|safely|okay|fine|all good|working|works|stable|"
            r"dismiss\w*|disregard)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "blame or advice",
        re.compile(
            r"\b(?:should|please|recommend\w*|advis\w*|suggests? that|consider|somebody|someone|colleague|engineer|"
            r"engineers|developers?|operators?|admin\w*|team's fault|blame|fault of|negligen\w*|careless\w*|forgot|"
            r"mistake|"
            r"hack\w*|attack\w*|malicious\w*|sabotage\w*)\b",
            re.IGNORECASE,
        ),
    ),
)  # fmt: skip
"""What no sentence may hold, whatever its evidence says: a text of the cluster could have put it there."""

_SPOKEN_KINDS = {
    "claim": "persistentvolumeclaim", "pvc": "persistentvolumeclaim", "budget": "poddisruptionbudget",
    "quota": "resourcequota", "pool": "nodepool",
}  # fmt: skip

_ENDINGS = ("ings", "ing", "ied", "ies", "ed", "es", "s")


def stems(word: str) -> list[str]:
    """A word in small letters as its stem; none for a free word, two where it holds a negation."""
    if word in FREE:
        return []
    if word in SAME:
        return [stem for part in SAME[word].split() for stem in ([part] if part == word else stems(part))]
    word = word.removesuffix("'s").removesuffix("'")
    if word in FREE:
        return []
    if word in PREPOSITIONS or word in NEGATIONS or word in JOINERS:
        return [word]
    return [_cut(word)]


def spoken_kind(kind: str) -> str:
    """A kind as it is compared: short words for long kinds are the same."""
    word = "".join(stems(kind.lower()))
    return _SPOKEN_KINDS.get(word, word)


def _cut(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            root = word[: -len(ending)]
            if ending in ("ied", "ies"):
                return root + "y"
            if ending != "s" and len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz":
                root = root[:-1]
            return root.removesuffix("e")
    return word.removesuffix("e") if len(word) > 3 else word
