"""What every network shares: how Lightning trains it on tensors, reproducibly."""

import logging
import math
import warnings
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

import lightning.pytorch as pl
import pandas as pd
import torch
from lightning.pytorch.callbacks import TQDMProgressBar, WeightAveraging
from lightning.pytorch.loggers.logger import Logger
from torch import Tensor
from torch.optim.swa_utils import get_ema_multi_avg_fn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

from genloom.errors import GenloomError, TrainingDivergedError
from genloom.networks.hardware import Hardware

HISTORY_POINTS = 200  # how many points of a training curve are kept


class Network(pl.LightningModule):
    """A LightningModule that trains itself on tensors held in memory.

    A subclass says in its constructor how long it trains (``steps`` batches of
    ``batch_size``) and, where averaged weights help, ``ema_decay``; it writes
    ``training_step`` and ``configure_optimizers`` as any LightningModule does.
    """

    takes: tuple[str, ...] = ("images",)  # the kinds of samples that it can learn from
    fitted: bool = False
    steps: int
    batch_size: int
    validation: tuple[Tensor, Tensor] | None = None  # while it trains
    ema_decay: float = 0.0  # 0 keeps the last weights, 0.999 an exponential moving average

    def fit(
        self,
        x: Tensor,
        y: Tensor,
        *,
        seed: int,
        hardware: Hardware | None = None,
        progress: str | None = None,
        validation: tuple[Tensor, Tensor] | None = None,
    ) -> pd.DataFrame:
        """Train for ``steps`` batches.

        Args:
            x: Samples in memory, ``[n, *shape]`` float32, or rows of tokens ``[n, length]`` int64.
            y: Labels, ``[n]`` int64, or ``[n, classes]`` float32 where a network takes soft ones.
            seed: Seeds everything that is random in training (not the initial weights).
            hardware: Accelerator, threads, precision; one processor thread unless given.
            progress: Title of the progress bar; none is drawn without a title.
            validation: Samples and labels of the validation split, for networks that watch or
                choose by them; they never train on them.

        Returns:
            The training curves as a table with the columns ``step``, ``metric``, ``value``.

        Raises:
            TrainingDivergedError: When a value of ``x``, a logged value, or in the end a weight, is
                not finite.
        """
        hardware = hardware or Hardware()
        self.require_finite(x)
        self.validation = validation
        history = History(type(self).__name__)
        callbacks: list[pl.Callback] = []
        if self.ema_decay:
            callbacks.append(WeightAveraging(multi_avg_fn=moving_average(self.ema_decay)))
        if progress and hardware.progress:
            callbacks.append(TitledProgressBar(progress))
        self.train()
        with reproducible(seed, hardware.threads):
            trainer = pl.Trainer(
                max_epochs=1,
                accelerator=hardware.accelerator,
                devices=1,
                precision=hardware.precision,
                deterministic=True,
                logger=history,
                log_every_n_steps=self._record_every,
                callbacks=callbacks,
                enable_progress_bar=bool(progress) and hardware.progress,
                enable_checkpointing=False,
                enable_model_summary=False,
            )
            trainer.fit(self, self.batches(x, y, seed))
        self.validation, self.fitted = None, True
        self.cpu().eval()
        if not all(torch.isfinite(weight).all() for weight in self.state_dict().values()):
            raise TrainingDivergedError(_diverged(type(self).__name__, "a weight", self.steps))
        return history.table()

    def require_finite(self, x: Tensor) -> None:
        """Refuse training samples that hold NaN or infinity.

        Raises:
            TrainingDivergedError: When one does.
        """
        if not x.isfinite().all():
            raise TrainingDivergedError(
                f"{type(self).__name__}: the training data holds values that are not finite "
                "numbers, so nothing was trained: check the data."
            )

    def batches(self, x: Tensor, y: Tensor, seed: int) -> DataLoader[Any]:
        """What it trains on: ``steps`` batches, going through shuffled samples again and again."""
        order = RandomSampler(
            x,  # type: ignore[arg-type]  # anything with a length will do
            num_samples=self.steps * self.batch_size,
            generator=torch.Generator().manual_seed(seed),
        )
        # Whole batches are indexed at once: fetching sample by sample costs more than training.
        return DataLoader(
            TensorDataset(x, y),
            sampler=BatchSampler(order, self.batch_size, drop_last=False),
            batch_size=None,
        )

    @property
    def _record_every(self) -> int:
        return (self.steps // HISTORY_POINTS) | 1

    def record(self, values: Mapping[str, Tensor | float]) -> None:
        """Log values of a training step, if the history keeps this step.

        They go straight to the history: ``self.log`` costs a millisecond or more a call, as much
        as a small network's whole step, and repeats a value at every later step that is kept.
        """
        step = self.trainer.fit_loop.batch_idx
        if (step + 1) % self._record_every == 0:
            kept = {name: torch.as_tensor(value).item() for name, value in values.items()}
            assert self.logger is not None  # ``fit`` gives every trainer one
            self.logger.log_metrics(kept, step)

    def weights(self) -> dict[str, Tensor]:
        """All tensors the network needs to live again, by name."""
        return {name: value.contiguous() for name, value in self.state_dict().items()}

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """Put back what ``weights`` gave; names and shapes must match exactly."""
        self.load_state_dict(weights)
        self.fitted = True
        self.eval()

    @property
    def parameter_count(self) -> int:
        """How many trained numbers the network uses after training."""
        return sum(weight.numel() for weight in self.parameters())


class Generator(Network):
    """A network that turns Gaussian noise and a label into a sample.

    A subclass sets ``shape``, ``classes`` and ``latent_shape`` and writes ``generate``;
    drawing samples and walking between them is the same for all.
    """

    shape: tuple[int, ...]
    classes: int
    latent_shape: tuple[int, ...]

    def generate(self, z: Tensor, y: Tensor) -> Tensor:
        """Samples ``[n, *shape]`` from noise ``[n, *latent_shape]`` and labels ``[n]``."""
        raise NotImplementedError

    @torch.no_grad()
    def sample(self, n: int, *, labels: Tensor | None = None, seed: int) -> Tensor:
        """Draw samples; the same seed gives the same bytes.

        Args:
            n: How many.
            labels: Which class each one shall be, ``[n]`` int64; uniformly drawn if not given.
            seed: Seeds noise and labels; torch's global random numbers are not touched.

        Returns:
            ``[n, *shape]`` float32 in ``[-1, 1]``.
        """
        random = torch.Generator().manual_seed(seed)
        if labels is None:
            labels = torch.randint(self.classes, (n,), generator=random)
        if len(labels) != n:
            raise GenloomError(f"{n} samples were asked for with {len(labels)} labels.")
        return self._in_batches(torch.randn(n, *self.latent_shape, generator=random), labels)

    @torch.no_grad()
    def interpolate(self, labels: Tensor, *, steps: int, seed: int) -> Tensor:
        """Walk on a great circle from one random latent to another, one walk per label.

        Between Gaussian latents a straight line would pass through points far shorter than any
        the network has seen; the great circle keeps their length (Shoemake, 1985).

        Returns:
            ``[len(labels), steps, *shape]`` float32 in ``[-1, 1]``.
        """
        random = torch.Generator().manual_seed(seed)
        ends = torch.randn(2, len(labels), 1, *self.latent_shape, generator=random)
        start, end = ends.flatten(3)  # each [labels, 1, latent]
        t = torch.linspace(0, 1, steps)[None, :, None]
        cosine = torch.cosine_similarity(start, end, dim=-1)[..., None]
        angle = cosine.clamp(-0.9999, 0.9999).acos()  # [labels, 1, 1]
        walk = ((1 - t) * angle).sin() * start + (t * angle).sin() * end
        z = (walk / angle.sin()).reshape(-1, *self.latent_shape)  # [labels * steps, *latent]
        x = self._in_batches(z, labels.repeat_interleave(steps))
        return x.reshape(len(labels), steps, *self.shape)

    def _in_batches(self, z: Tensor, y: Tensor) -> Tensor:
        size = min(256, max(8, 2**18 // math.prod(self.shape)))  # keeps memory bounded
        parts = [
            self.generate(some_z.to(self.device), some_y.to(self.device)).clamp(-1, 1).cpu()
            for some_z, some_y in zip(z.split(size), y.split(size), strict=True)
        ]
        return torch.cat(parts).contiguous() if parts else torch.empty(0, *self.shape)


def moving_average(decay: float) -> Any:
    """An exponential moving average of weights that warms up: short trainings forget their start.

    The decay at the k-th update is ``min(decay, (1 + k) / (10 + k))``, for ``AveragedModel``.
    """

    def update(averaged: Any, current: Any, count: Any) -> None:
        k = int(count)
        get_ema_multi_avg_fn(min(decay, (1 + k) / (10 + k)))(averaged, current, count)

    return update


class History(Logger):
    """A Lightning logger that keeps the training curves in memory and watches for divergence."""

    def __init__(self, network: str) -> None:
        super().__init__()
        self.network = network
        self.rows: list[dict[str, Any]] = []

    @property
    def name(self) -> str:
        return self.network

    @property
    def version(self) -> int:
        return 0

    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Hyperparameters are kept in the fitted thing's card, not here."""

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Keep what the network logged at a step; stop when it is no longer finite."""
        for metric, value in metrics.items():
            if metric == "epoch":
                continue
            if not math.isfinite(value):
                raise TrainingDivergedError(_diverged(self.network, metric, step or 0))
            self.rows.append({"step": step, "metric": metric, "value": float(value)})

    def table(self) -> pd.DataFrame:
        """The curves so far: ``step``, ``metric``, ``value``."""
        return pd.DataFrame(self.rows, columns=["step", "metric", "value"])


class TitledProgressBar(TQDMProgressBar):
    """Lightning's bar with the name of what trains, kept on the screen when it is done."""

    def __init__(self, title: str) -> None:
        super().__init__(refresh_rate=10)
        self.title = title

    def init_train_tqdm(self) -> Any:
        bar = super().init_train_tqdm()
        bar.set_description(self.title)
        return bar

    def on_train_epoch_start(self, trainer: pl.Trainer, *args: Any) -> None:
        super().on_train_epoch_start(trainer, *args)
        self.train_progress_bar.set_description(self.title)

    def get_metrics(self, trainer: pl.Trainer, model: pl.LightningModule) -> dict[str, Any]:
        metrics = super().get_metrics(trainer, model)
        metrics.pop("v_num", None)
        return metrics


@contextmanager
def reproducible(seed: int, threads: int):
    """Seed torch and fix its thread count, and put the caller's state back afterwards."""
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    said = logging.getLogger("lightning.pytorch.utilities.rank_zero")
    level = said.level
    said.setLevel(logging.WARNING)  # what accelerators there are is not news in every training
    torch.set_num_threads(threads)
    # Deterministic mode would also fill every empty tensor, which only costs time here.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    try:
        with torch.random.fork_rng(), warnings.catch_warnings():
            # Lightning advises more data workers; tensors in memory need none.
            warnings.filterwarnings("ignore", message=".*does not have many workers.*")
            warnings.filterwarnings("ignore", message=".*LeafSpec.*")
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])
        said.setLevel(level)


def _diverged(network: str, what: str, step: int) -> str:
    return (
        f"{network}: {what} stopped being a finite number at step {step}, so training was "
        "stopped and nothing was saved: lower its learning rate (lr) or check the data."
    )
