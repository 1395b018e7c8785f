"""The registry weaves what the parameters files say, once for as long as they say the same."""

import shutil

from genloom import pipeline_registry


def test_pipelines_are_woven_anew_where_the_parameters_files_have_changed(tmp_path, monkeypatch):
    for name in ("text", "tables"):
        shutil.copy(pipeline_registry.BASE / f"parameters_{name}.yml", tmp_path)
    monkeypatch.setattr(pipeline_registry, "BASE", tmp_path)
    first = pipeline_registry.register_pipelines()
    assert set(first) == {"__default__", "all", "text", "tables"}
    first.pop("text")  # whoever asked may do with the answer as he likes
    again = pipeline_registry.register_pipelines()
    assert again["tables"] is first["tables"]
    assert "text" in again
    (tmp_path / "parameters_text.yml").unlink()
    assert set(pipeline_registry.register_pipelines()) == {"__default__", "all", "tables"}
