"""
A password in a flag is read by everybody who may list processes; in the environment it is not.

The variables that hold the credentials of a Prometheus. No setting has these names.
"""

TOKEN = "DEEPSCAN_PROMETHEUS_TOKEN"  # noqa: S105 - the name of a variable
USER = "DEEPSCAN_PROMETHEUS_USER"
PASSWORD = "DEEPSCAN_PROMETHEUS_PASSWORD"  # noqa: S105 - the name of a variable
VARIABLES = frozenset({TOKEN, USER, PASSWORD})
