"""Files are fetched once, checked always, and a failure leaves nothing behind."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from genloom.domains.download import fetch
from genloom.errors import GenloomError

BYTES = b"threads for the loom"
SHA256 = hashlib.sha256(BYTES).hexdigest()


class CountingHandler(SimpleHTTPRequestHandler):
    requests: list[str] = []  # emptied by the fixture

    def do_GET(self) -> None:
        self.requests.append(self.path)
        super().do_GET()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A web server on this machine that offers ``yarn.gz``."""
    served = tmp_path / "served"
    served.mkdir()
    (served / "yarn.gz").write_bytes(BYTES)
    CountingHandler.requests.clear()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("GENLOOM_MIRROR", raising=False)
    handler = partial(CountingHandler, directory=str(served))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/yarn.gz"
        server.shutdown()
        thread.join()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_downloads_once(address: str, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    for _ in range(2):
        path = fetch("wool", "yarn.gz", address, SHA256, raw)
        assert path == raw / "wool" / "yarn.gz"
        assert path.read_bytes() == BYTES
    assert len(CountingHandler.requests) == 1
    assert files_in(raw) == [path]


def test_replaces_a_damaged_earlier_download(address: str, tmp_path: Path) -> None:
    damaged = tmp_path / "raw" / "wool" / "yarn.gz"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(BYTES[:5])
    assert fetch("wool", "yarn.gz", address, SHA256, tmp_path / "raw").read_bytes() == BYTES


def test_wrong_checksum_leaves_nothing(address: str, tmp_path: Path) -> None:
    with pytest.raises(GenloomError, match=r"sent for wool/yarn\.gz does not have the SHA-256"):
        fetch("wool", "yarn.gz", address, "0" * 64, tmp_path / "raw")
    assert files_in(tmp_path / "raw") == []


def test_missing_on_the_server(address: str, tmp_path: Path) -> None:
    with pytest.raises(GenloomError, match=r"silk\.gz could not be fetched from .*/silk\.gz") as e:
        fetch("wool", "silk.gz", address.replace("yarn", "silk"), SHA256, tmp_path / "raw")
    assert "set GENLOOM_MIRROR" in e.value.message
    assert files_in(tmp_path / "raw") == []


def test_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("GENLOOM_MIRROR", str(tmp_path / "mirror without the file"))
    with pytest.raises(GenloomError, match=r"could not be fetched .* \(ConnectionError\): check"):
        fetch("wool", "yarn.gz", "http://127.0.0.1:9/yarn.gz", SHA256, tmp_path / "raw")
    assert files_in(tmp_path) == []


def test_raw_folder_that_cannot_be_written(address: str, tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("a file stands in the way")
    with pytest.raises(GenloomError, match=r"could not be written to .* choose another raw_folder"):
        fetch("wool", "yarn.gz", address, SHA256, tmp_path / "raw")


def test_mirror_is_read_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirrored = tmp_path / "mirror" / "wool" / "yarn.gz"
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(BYTES)
    monkeypatch.setenv("GENLOOM_MIRROR", str(tmp_path / "mirror"))
    path = fetch("wool", "yarn.gz", "http://127.0.0.1:9/yarn.gz", SHA256, tmp_path / "raw")
    assert path == mirrored
    assert not (tmp_path / "raw").exists()


def test_mirror_with_a_wrong_checksum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirrored = tmp_path / "mirror" / "wool" / "yarn.gz"
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(BYTES[:5])
    monkeypatch.setenv("GENLOOM_MIRROR", str(tmp_path / "mirror"))
    with pytest.raises(GenloomError, match="delete it or replace it by a good copy") as error:
        fetch("wool", "yarn.gz", "http://127.0.0.1:9/yarn.gz", SHA256, tmp_path / "raw")
    assert str(mirrored) in error.value.message
    assert mirrored.exists()
