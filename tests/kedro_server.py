"""Runs ``kedro`` commands, each in a fork of this process, which has imported the heavy libraries.

Importing them takes longer than most of what tests ask for. Whatever is asked runs like ``python
-m kedro`` does: the project itself is imported anew in every fork. A line of JSON on standard input
asks for a command (``arguments, place, environment``, and the files ``out`` and ``err`` for what it
prints), and a line on standard output answers with its exit status.
"""
# ruff: noqa: F401  # what is imported here is for the forks

import json
import os
import runpy
import sys
from pathlib import Path

import lightning.pytorch
import matplotlib.pyplot
import mlflow
import pandas
import sklearn.ensemble
import torch.utils.data

for line in sys.stdin:
    asked = json.loads(line)
    fork = os.fork()
    if not fork:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]), flush=True)
else:
    sys.exit()

os.chdir(asked["place"])
os.environ.clear()
os.environ.update(asked["environment"])
sys.path[:0] = [asked["place"], str(Path(asked["place"]) / "src")]
for number, name in enumerate((os.devnull, asked["out"], asked["err"])):
    os.dup2(os.open(name, os.O_RDWR | os.O_CREAT), number)
sys.argv = ["kedro", *asked["arguments"]]
runpy.run_module("kedro", run_name="__main__", alter_sys=True)
