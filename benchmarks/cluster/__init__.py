"""A cluster that does not exist, written down as kube-apiserver would send it.

Every object is a function of the seed and its own index, so pages can be made in any order, by any process.
"""
