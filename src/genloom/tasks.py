"""What a mapper is for: its task says what it learns from, what it must do, how it is judged."""

from typing import NamedTuple


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
