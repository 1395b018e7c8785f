"""Runs ``kedro`` commands, each in a fork of this process, which has imported the heavy libraries.

Importing them takes longer than most of what tests ask for. What is asked runs as by ``python -m
kedro``, the project itself is imported anew in every fork; but the heavy libraries have read the
environment of this process, and all forks hash strings alike. A line of JSON on standard input asks
for a command (``arguments, place, environment``, and the files ``out`` and ``err`` for what it
prints), and a line on standard output answers with its exit status.
"""
# ruff: noqa: F401  # what is imported here is for the forks

import json
import os
import runpy
import sys

import lightning.pytorch
import matplotlib
import mlflow
import pandas
import sklearn
import torch

for line in sys.stdin:
    asked = json.loads(line)
    fork = os.fork()
    if not fork:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]), flush=True)
else:
    sys.exit()

for number, name in enumerate((os.devnull, asked["out"], asked["err"])):
    os.dup2(os.open(name, os.O_RDWR | os.O_CREAT), number)
os.chdir(asked["place"])
os.environ.clear()
os.environ.update(asked["environment"])
sys.path[:0] = [asked["place"], *asked["environment"]["PYTHONPATH"].split(os.pathsep)]
sys.argv = ["kedro", *asked["arguments"]]
runpy.run_module("kedro", run_name="__main__", alter_sys=True)
