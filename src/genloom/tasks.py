"""What a mapper is for: its task says what it learns from, what it must do, how it is judged."""

from typing import TYPE_CHECKING, Any, NamedTuple

from genloom.errors import GenloomError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


class Task(NamedTuple):
    """One task of mappers.

    Attributes:
        noun: What a mapper with this task is called: its role on the leaderboard.
        methods: What its class must have.
        ranked_by: The metrics that it is ranked by: the first that was measured.
        headlines: The metrics that a person sees when a run is done.
    """

    noun: str
    methods: tuple[str, ...]
    ranked_by: tuple[str, ...]
    headlines: tuple[str, ...]


TASKS = {
    "compress": Task(
        "compressor",
        ("embed", "reconstruct"),
        ("explained_variance",),
        ("explained_variance", "reconstruction_error", "psnr", "ssim", "code_size"),
    ),
    "denoise": Task(
        "denoiser",
        ("reconstruct",),
        ("noise_reduction",),
        ("noise_reduction", "psnr", "ssim"),
    ),
    "detect": Task("detector", ("anomaly_score",), ("auroc",), ("auroc", "auprc")),
    "map": Task(
        "map",
        ("place",),
        ("label_map_accuracy",),
        (
            *("label_map_accuracy", "quantization_error", "topographic_error"),
            *("purity", "adjusted_rand"),
        ),
    ),
}

RANKED_BY = {task.noun: task.ranked_by for task in TASKS.values()}
HEADLINES = {task.noun: task.headlines for task in TASKS.values()}


def role_of(block: dict[str, Any]) -> str:
    """What a member is called on the leaderboard: its role or, for a mapper, its task's noun."""
    return TASKS[block["task"]].noun if block["role"] == "mapper" else str(block["role"])


def abnormal_classes(samples: "pd.DataFrame", mapping: dict[str, Any]) -> list[str]:
    """The labels that a detector is to find: those of ``mapping.abnormal`` or the rarest one.

    Where there is a single label, there is nothing to find, and the list is empty.

    Raises:
        GenloomError: For a label that no sample has, or when nothing normal is left.
    """
    counts = samples["label"].value_counts()
    there = sorted(map(str, counts.index))
    asked = mapping.get("abnormal")
    if asked is None:
        # Of equally rare ones the last, so that two classes of one size leave the first as normal.
        rarest = [str(label) for label in counts.index if counts[label] == counts.min()]
        return [max(rarest)] if len(there) > 1 else []
    strange = [str(label) for label in asked]
    for label in strange:
        if label not in there:
            raise GenloomError(
                f"mapping.abnormal names '{label}', which no sample carries; there are: "
                f"{', '.join(there)}. With null, the rarest is taken."
            )
    if set(strange) == set(there):
        raise GenloomError("mapping.abnormal names every label there is: leave one as the normal.")
    return strange


def is_abnormal(samples: "pd.DataFrame", strange: list[str]) -> "NDArray[Any]":
    """Which samples a detector is to find, ``[n]`` bool."""
    found: NDArray[Any] = samples["label"].astype(str).isin(strange).to_numpy()
    return found
