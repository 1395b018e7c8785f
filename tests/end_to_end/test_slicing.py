"""Slicing a run as Kedro users expect, and what is refused before anything runs."""

import os
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import psutil
import pytest
from PIL import Image

SMOKE = ("run", "--env", "smoke")


WITHOUT_HEAVY_IMPORTS = """
import sys
from pathlib import Path
from kedro.framework.project import pipelines, settings
from kedro.framework.startup import bootstrap_project
bootstrap_project(Path.cwd())
heavy = ("torch", "lightning", "mlflow", "sklearn", "matplotlib")
print(sorted(pipelines), len(settings.HOOKS), [name for name in heavy if name in sys.modules])
"""


def test_what_the_registry_and_the_hooks_import_is_light(fresh_project):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_HEAVY_IMPORTS],
        cwd=fresh_project,
        capture_output=True,
        text=True,
        check=True,
    )
    woven = ["__default__", "all", "code", "fundamentals", "images"]
    woven += ["molecule_design", "molecules", "series", "tables", "text"]
    assert done.stdout.strip().endswith(f"{woven} 3 []")


def test_pipeline_namespace_tag_and_node_slices(fresh_project, kedro):
    one = kedro(
        fresh_project,
        *SMOKE,
        *("--pipeline", "images", "--namespaces", "images.data,images.gan"),
        *("--to-nodes", "images.gan.draw_samples", "--params", "images.gan.loss=wgan_gp"),
    )
    assert one.returncode == 0, one.stderr[-2000:]
    assert "deprecated" not in one.stdout + one.stderr
    card = (fresh_project / "data/06_models/images/gan/card.json").read_text()
    assert '"wgan_gp"' in card
    two = kedro(
        fresh_project,
        *SMOKE,
        *("--tags", "images", "--from-nodes", "images.gan.draw_samples"),
        *("--to-nodes", "images.gan.gallery"),
    )
    assert two.returncode == 0, two.stderr[-2000:]
    assert (fresh_project / "data/08_reporting/images/gan/gallery.png").exists()


def test_a_second_run_resumes_from_what_exists(fresh_project, kedro):
    slice_ = ("--namespaces", "images.data,images.knn")
    assert kedro(fresh_project, *SMOKE, *slice_).returncode == 0
    fitted = fresh_project / "data/06_models/images/knn/card.json"
    before = fitted.stat().st_mtime_ns
    (fresh_project / "data/08_reporting/images/knn/metrics.csv").unlink()
    # What a killed run leaves behind is never taken for the finished file.
    partial = fresh_project / "data/08_reporting/images/knn/.partial-metrics.csv"
    partial.write_text("half")
    again = kedro(fresh_project, *SMOKE, *slice_, "--only-missing-outputs")
    assert again.returncode == 0, again.stderr[-2000:]
    assert fitted.stat().st_mtime_ns == before
    assert len(pd.read_csv(fresh_project / "data/08_reporting/images/knn/metrics.csv")) >= 4
    assert not partial.exists()


def test_a_killed_run_is_recovered_by_the_next(fresh_project, kedro):
    slice_ = ("--namespaces", "images.data,images.vae", "--to-nodes", "images.vae.draw_samples")
    running = subprocess.Popen(
        [sys.executable, "-m", "kedro", *SMOKE, *slice_, "--params", "images.vae.steps=100000"],
        cwd=fresh_project,
        env=os.environ | {"PYTHONPATH": str(fresh_project / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    samples = fresh_project / "data/03_primary/images/samples.parquet"
    deadline = time.monotonic() + 120
    while not samples.exists() and time.monotonic() < deadline and running.poll() is None:
        time.sleep(0.1)
    time.sleep(3)  # by now the network trains
    assert running.poll() is None
    workers = psutil.Process(running.pid).children(recursive=True)
    running.kill()
    running.wait()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == [], "nothing goes on training for nobody"
    assert not (fresh_project / "data/06_models/images/vae").exists()
    before = samples.stat().st_mtime_ns
    done = kedro(fresh_project, *SMOKE, *slice_, "--only-missing-outputs")
    assert done.returncode == 0, done.stderr[-2000:]
    assert samples.stat().st_mtime_ns == before
    assert (fresh_project / "data/06_models/images/vae/card.json").exists()


def test_a_users_own_folder_with_a_broken_file(fresh_project, kedro):
    folder = fresh_project / "mine"
    random = np.random.default_rng(0)
    for label, low in (("cat", 0), ("dog", 128)):
        (folder / label).mkdir(parents=True)
        for index in range(20):
            pixels = random.integers(low, low + 127, size=(20, 24, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{index}.png")
    whole = (folder / "cat" / "0.png").read_bytes()
    (folder / "cat" / "broken.png").write_bytes(whole[: len(whole) // 2])
    (folder / "dog" / "notes.txt").write_text("not an image")
    done = kedro(
        fresh_project,
        *SMOKE,
        *("--params", f"images.source=folder,images.folder={folder},images.size=16"),
        *("--namespaces", "images.data,images.cnn"),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    rejects = pd.read_csv(fresh_project / "data/03_primary/images/rejects.csv")
    assert {name.rpartition("/")[2] for name in rejects["file"]} == {"broken.png", "notes.txt"}


@pytest.mark.parametrize(
    ("parameter", "sentence"),
    [
        ("images.gan.los=x", "images.gan has no parameter 'los'; GAN takes: batch_size"),
        ("images.source=folder,images.folder=/nowhere", "/nowhere"),
    ],
)
def test_mistakes_end_in_one_sentence_and_leave_nothing(fresh_project, kedro, parameter, sentence):
    done = kedro(fresh_project, *SMOKE, "--params", parameter)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert sentence in " ".join(done.stderr.split())
    assert [path.name for path in (fresh_project / "data").iterdir()] == [".gitkeep"]


def test_damaged_data_are_said_in_a_sentence(fresh_project, kedro):
    samples = fresh_project / "data/03_primary/images/samples.parquet"
    samples.parent.mkdir(parents=True)
    samples.write_bytes(b"PAR1 cut off")
    damaged = kedro(fresh_project, *SMOKE, "--namespaces", "images.knn")
    assert damaged.returncode == 1
    assert "samples.parquet" in damaged.stderr.replace("\n", "")
    assert "Traceback" not in damaged.stderr


def test_divergence_stops_with_a_sentence_and_saves_nothing(fresh_project, kedro):
    done = kedro(
        fresh_project,
        *SMOKE,
        *("--params", "images.vae.lr=1.0e+30", "--namespaces", "images.data,images.vae"),
        *("--to-nodes", "images.vae.draw_samples"),
    )
    assert done.returncode == 1
    assert "stopped being a finite number" in " ".join(done.stderr.split())
    assert not (fresh_project / "data/06_models/images/vae").exists()
