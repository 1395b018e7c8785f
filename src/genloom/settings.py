"""Kedro's settings for this project: hooks and how environments are merged."""

from genloom.hooks import HOOKS as _HOOKS

HOOKS = _HOOKS

CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    # An environment states only what differs from base, at any depth.
    "merge_strategy": {"parameters": "soft", "mlflow": "soft"},
    "config_patterns": {"mlflow": ["mlflow*"]},
}
