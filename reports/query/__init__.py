"""
People ask in their own words; what answers them is a finished report, never a memory of how clusters usually are.

Words become a :class:`~reports.query.query.Query` (:mod:`reports.query.grammar`, or a model that only translates), a
query
becomes an :class:`~reports.query.answer.Answer` (:func:`reports.query.asking.ask`). Both are data, and both are shown.
"""
