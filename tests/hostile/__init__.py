"""What a tenant may write into a cluster to reach the reader of a report, and how it is put there."""
