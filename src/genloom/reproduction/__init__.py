"""From the Kedro pipelines to DVC stages: what rests on which files, parameters and code."""
