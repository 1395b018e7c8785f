"""A small language model of a few molecules, which the tests of design share."""

import pandas as pd
import pytest
import torch

from genloom.domains.codecs import codec_to_dict
from genloom.fitted import Fitted
from genloom.networks.recurrent import Recurrent

SMILES = [
    *("CCO", "CCN", "CCC", "CCCC", "CCCO", "CCCN", "CC(C)O", "CC(C)C", "CC(N)C", "OCCO", "NCCN"),
    *("CCOC", "CCNC", "COC", "CNC", "CC(=O)O", "CC(=O)N", "NCCO", "CCCCO", "CCCCN", "CC(C)CO"),
]


@pytest.fixture(scope="session")
def samples() -> pd.DataFrame:
    """Small molecules of the training split, in two classes."""
    rows = {"content": SMILES, "label": [str(len(smiles) % 2) for smiles in SMILES]}
    return pd.DataFrame(rows | {"split": "train", "source": "real"})


@pytest.fixture(scope="session")
def prior(samples: pd.DataFrame) -> Fitted:
    """An LSTM that has learnt to write them."""
    from genloom.domains.molecules.codec import MoleculeCodec

    codec = MoleculeCodec.fit(samples, length=12)
    torch.manual_seed(0)
    network = Recurrent(
        shape=codec.shape,
        classes=2,
        width=32,
        hidden_size=48,
        context=24,
        buckets=64,
        steps=60,
    )
    network.fit(codec.encode(samples), codec.encode_labels(samples), seed=0)
    block = {"role": "generator", "network": "recurrent"}
    return Fitted(network, block, codec.shape, codec.classes, codec_to_dict(codec), 0, "digest")
