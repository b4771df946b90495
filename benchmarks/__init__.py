"""How fast is deepscan against the least any client must do, and how much memory does it take?

`python -m benchmarks.run` answers with ratios to curl and with resident memory, so that a busy machine gives
the same verdict as an idle one.
"""
