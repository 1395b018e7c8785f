"""Genloom: generative networks on real data, judged beside cheap floors and a copy test."""

__version__ = "0.1.0"
