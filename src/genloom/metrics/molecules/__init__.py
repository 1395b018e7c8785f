"""What is measured of generated molecules, as MOSES and GuacaMol define it.

MOSES is Polykovskiy et al. (2020), arXiv:1811.12823; GuacaMol is Brown et al. (2019),
arXiv:1811.09621. Both packages' definitions are written anew for a current RDKit, so that numbers
can be held beside the published ones.
"""
