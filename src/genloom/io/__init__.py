"""Kedro datasets that no library has."""

from genloom.io.atomic_dataset import AtomicDataset
from genloom.io.fitted_dataset import CodecDataset, FittedDataset
from genloom.io.picture_dataset import PictureDataset

__all__ = ["AtomicDataset", "CodecDataset", "FittedDataset", "PictureDataset"]
