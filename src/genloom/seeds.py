"""One seed for the whole project, and how every step gets its own from it."""

import hashlib


def derive_seed(seed: int, *names: str | int) -> int:
    """Derive a reproducible seed for one step.

    Args:
        seed: The project's seed (``seed`` in ``parameters.yml``).
        names: What the step is, e.g. ``"fit", "gan"``. Other names give an independent seed.

    Returns:
        An integer in ``[0, 2**31)``, the same on every machine and Python version.

    >>> derive_seed(0, "fit", "gan") == derive_seed(0, "fit", "gan")
    True
    """
    text = "/".join(str(part) for part in (seed, *names))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big") % 2**31
