"""Google Cloud, on a gRPC server of the package's own messages and a Compute REST on the loopback."""
