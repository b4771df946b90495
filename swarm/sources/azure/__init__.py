"""An Azure subscription: its AKS clusters, what they are made of, and what is left over beside them."""
