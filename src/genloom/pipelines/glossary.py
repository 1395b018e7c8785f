"""What the metrics mean: their names and a sentence each, for a reader of the report."""

from genloom.pipelines.findings import COPIES, Facts

# What each metric that all domains share is called, and what it says, in a sentence.
METRICS: dict[str, tuple[str, str]] = {
    "frechet_distance": (
        "Fréchet distance",
        "How far the features of generated samples lie from those of real test data, each taken "
        "as a Gaussian; it sees both poor and missing samples.",
    ),
    "kernel_distance": (
        "Kernel distance",
        "The same question without assuming Gaussians (a maximum mean discrepancy); draws have the "
        "labels in the proportions of the training data, so values slightly below 0 are normal.",
    ),
    "precision": ("Precision", "Share of generated samples that fall among real test data."),
    "recall": ("Recall", "Share of real test data that falls among generated samples."),
    "density": (
        "Density",
        "How densely real test data surrounds the generated samples; about 1 for real data.",
    ),
    "coverage": (
        "Coverage",
        "Share of real test samples with a generated one in their neighbourhood; it falls when a "
        "generator collapses.",
    ),
    "conditional_accuracy": (
        "Conditional accuracy",
        "Share of generated samples that the reference predictor gives the class they were made "
        "for.",
    ),
    "tstr_accuracy": (
        "TSTR accuracy",
        "Train on synthetic, test on real: accuracy on real test data of a predictor that saw "
        "generated samples only.",
    ),
    "tstr_auroc": (
        "TSTR AUROC",
        "Train on synthetic, test on real: AUROC on real test data of the same predictor, which "
        "asks for the right order and not for the right threshold.",
    ),
    "tstr_rmse": (
        "TSTR RMSE",
        "The same for numbers to predict: root mean squared error on real test data of a predictor "
        "that saw generated samples only.",
    ),
    "tstr_r2": (
        "TSTR R²",
        "Share of the variance of real test data's targets that the same predictor explains; below "
        "0 it is worse than their mean.",
    ),
    "dcr_share": (
        "Copy share",
        "Share of generated samples nearer to the training set than to an equally large set of "
        f"real data never seen; 0.5 is ideal and above {COPIES} is called copying here.",
    ),
    "accuracy": ("Accuracy", "Share of test samples whose class was predicted."),
    "macro_f1": ("Macro F1", "Balance of precision and recall per class, every class alike."),
    "auroc": (
        "AUROC",
        "Chance that a sample of a class is ranked above one of another, mean over classes.",
    ),
    "auprc": (
        "AUPRC",
        "Area under the precision-recall curve, mean over classes; guessing gets a class's share.",
    ),
    "ece": ("ECE", "Expected calibration error: the gap between confidence and accuracy."),
    "rmse": ("RMSE", "Root mean squared error of predicted numbers, in the target's units."),
    "mae": ("MAE", "Mean absolute error of predicted numbers, in the target's units."),
    "r2": ("R²", "Share of the target's variance that predictions explain."),
    "spread_correlation": (
        "Spread and error",
        "Rank correlation of an ensemble's disagreement with its error: does it know what it "
        "does not know?",
    ),
    "explained_variance": (
        "Explained variance",
        "Share of the test samples' variance that survives the way through the code and back.",
    ),
    "reconstruction_error": (
        "Reconstruction error",
        "Mean squared difference between test samples and what comes back from their codes.",
    ),
    "noise_reduction": (
        "Noise reduction",
        "By how many decibels the squared error of noisy test samples falls, mean over the noises; "
        "0 is as noisy as before.",
    ),
    "psnr": ("PSNR", "Peak signal-to-noise ratio of restored to clean pictures, in decibels."),
    "ssim": ("SSIM", "Structural similarity of restored and clean pictures; 1 is the same."),
    "code_size": ("Code size", "How many numbers a sample is compressed to."),
    "label_map_accuracy": (
        "Label map accuracy",
        "Share of test samples that fall on a unit whose training samples mostly carry their "
        "label; labels play no part in ordering the map.",
    ),
    "quantization_error": (
        "Quantization error",
        "Mean distance of test samples to the prototype of their unit.",
    ),
    "topographic_error": (
        "Topographic error",
        "Share of test samples whose best and second-best units are no neighbours on the map.",
    ),
    "purity": ("Purity", "Share of samples that carry the most frequent label of their cluster."),
    "adjusted_rand": (
        "Adjusted Rand",
        "Agreement of the map's clusters with the labels; 0 is chance, 1 is the same.",
    ),
    "parameters": ("Parameters", "How many numbers are stored to make or judge a sample."),
}
FEATURE_BASED = (
    *("frechet_distance", "kernel_distance", "precision", "recall"),
    *("density", "coverage", "conditional_accuracy"),
)
_PER_NOISE = "noise_reduction_"
DIRECTIONS = {"higher": "higher is better", "lower": "lower is better"}


def glossary(facts: Facts) -> list[dict[str, str]]:
    """A sentence for every metric that is shown, and which way is better."""
    entries = []
    for metric in sorted(facts.metrics, key=in_order):
        better = facts.better(metric)
        direction = DIRECTIONS.get(better) or f"closer to {better.partition(':')[2]} is better"
        name, sentence = METRICS.get(metric) or _own(facts, metric)
        if metric in FEATURE_BASED:
            direction += f"; rests on {facts.features}"
        entries.append({"id": metric, "title": name, "sentence": sentence, "note": direction})
    return entries


def in_order(metric: str) -> tuple[int, str]:
    """Sorts metrics for a reader: likeness, use, copying, costs."""
    known = list(METRICS)
    if metric == "parameters":  # what something costs stands last
        return len(known) + 1, metric
    return (known.index(metric), metric) if metric in METRICS else (len(known), metric)


def title(metric: str, facts: Facts | None = None) -> str:
    """What a metric is called on the page."""
    if metric in METRICS:
        return METRICS[metric][0]
    return metric if facts is None else _own(facts, metric)[0]


def _own(facts: Facts, metric: str) -> tuple[str, str]:
    """What the domain itself says of a metric."""
    found = facts.own.get(metric)
    shared, _, split = metric.rpartition("_")
    if metric.startswith(_PER_NOISE):
        kind, _, level = metric.removeprefix(_PER_NOISE).rpartition("_")
        noise = f"{kind.replace('_', ' ')} noise, level {level}"
        return f"Noise reduction ({noise})", f"The same for {noise} alone."
    if found is None and shared in METRICS:  # measured on what is held out in another way
        return f"{METRICS[shared][0]} ({split})", f"The same on the {split} split."
    if found is None and shared in facts.own:
        return f"{facts.own[shared].title} ({split})", f"The same on the {split} split."
    return (found.title, found.sentence) if found else (metric, "A measure of this domain's own.")


def arrow(better: str) -> str:
    """Which way is better, as a sign for the head of a column."""
    reference = better.partition(":")[2]
    return f"→ {reference}" if reference else {"higher": "↑", "lower": "↓"}[better]
