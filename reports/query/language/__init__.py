"""
Common English about clusters is a few hundred words; each is worth a vote for a view or a filter.

The words (:mod:`.vocabulary`), how they are told apart (:mod:`.tokens`), amounts of time and number
(:mod:`.amounts`), names of objects and namespaces (:mod:`.places`).
"""
