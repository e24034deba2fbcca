"""Where a wall is served, and to whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from cavewall.errors import InputError
from cavewall.server.settings import Settings, read_token

TOKEN = "a-token-of-more-than-sixteen"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "localhost", "::1", "[::1]"])
def test_this_machine_needs_no_token(host: str) -> None:
    assert Settings(host).is_loopback


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.2", "example.org", "", "127.0.0.1.nip.io", "8.8.8.8"]
)
def test_any_other_address_does(host: str) -> None:
    with pytest.raises(InputError, match="can be reached by other machines"):
        Settings(host)
    assert not Settings(host, token=TOKEN).is_loopback


@pytest.mark.parametrize("name", ["https://a.example", "a.example:443", "*", "", "a b", ".a", "é"])
def test_what_names_no_host_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="is no name of a host: give it without https://"):
        Settings(allowed_hosts=(name,))


def test_a_short_token_is_refused() -> None:
    with pytest.raises(InputError, match="15 characters and needs 16 or more"):
        Settings(token="a" * 15)


def test_a_token_is_not_shown() -> None:
    assert TOKEN not in repr(Settings(token=TOKEN))


def test_a_token_comes_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_token(None) is None
    monkeypatch.setenv("CAVEWALL_TOKEN", f" {TOKEN}\n")
    assert read_token(None) == TOKEN
    (tmp_path / "token").write_text("another-token-in-a-file\r\n")
    assert read_token(tmp_path / "token") == "another-token-in-a-file"


@pytest.mark.parametrize("held", [b"", b"\n", b"two words", "é".encode(), b"\xff\xfe", b"a\x00b"])
def test_a_file_without_one_is_told(tmp_path: Path, held: bytes) -> None:
    (tmp_path / "token").write_bytes(held)
    with pytest.raises(InputError, match=r"holds no token|cannot be read"):
        read_token(tmp_path / "token")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_token(tmp_path / "token")


def test_an_empty_variable_is_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAVEWALL_TOKEN", "")
    with pytest.raises(InputError, match=r"\$CAVEWALL_TOKEN holds no token"):
        read_token(None)
