"""The cache of kernels is only a cache: damaged, foreign or unwritable, the answer is the same."""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numba
import pytest

from napari_autolut.compilation import cache
from napari_autolut.compilation.kernels import listener

SOURCE = """
from napari_autolut.compilation.kernels import kernel

@kernel
def doubled(x):
    return 2 * x
"""

Kernel = Callable[[], tuple[int, bool]]
"""Set the kernel up as a new process does; what it says of 21, and whether it was compiled."""


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    source = tmp_path / "kernels_of_a_test.py"
    source.write_text(SOURCE)
    monkeypatch.setattr(numba.core.config, "CACHE_DIR", str(tmp_path / "cache"))
    compiled: list[Any] = []
    monkeypatch.setattr(listener, "on_start", compiled.append)
    monkeypatch.setattr(listener, "on_end", lambda _: None)

    def anew() -> tuple[int, bool]:
        compiled.clear()
        spec = importlib.util.spec_from_file_location(source.stem, source)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.doubled(21), bool(compiled)

    return anew


def files(folder: Path, kind: str) -> list[Path]:
    return [*(folder / "cache").rglob(f"*.{kind}")]


def test_what_was_compiled_is_found_again(cached: Kernel) -> None:
    assert cached() == (42, True)
    assert cached() == (42, False)


def test_changed_steps_are_compiled(cached: Kernel, tmp_path: Path) -> None:
    """The kernel's own file is as it was: old steps in it would write where nothing is theirs."""
    assert cached() == (42, True)
    (tmp_path / "steps.py").write_text("")
    cache.stamps.cache_clear()
    assert cached() == (42, True)
    assert cached() == (42, False)


@pytest.mark.parametrize("kind", ["nbc", "nbi"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda content: bytes(len(content)),
        lambda content: content[: len(content) // 2],
        lambda content: content[:64] + bytes(len(content) - 64),
        lambda content: content[:90] + bytes([content[90] ^ 1]) + content[91:],
        lambda _: b"\x80\x04N.",
    ],
    ids=["empty", "zeros", "half", "zeros at its end", "one bit", "another pickle"],
)
def test_a_damaged_file_is_compiled_again_and_replaced(
    cached: Kernel, tmp_path: Path, kind: str, damage: Callable[[bytes], bytes]
) -> None:
    cached()
    (file,) = files(tmp_path, kind)
    file.write_bytes(damage(file.read_bytes()))
    assert cached() == (42, True)
    assert cached() == (42, False)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
@pytest.mark.parametrize("kind", ["nbc", "nbi"])
@pytest.mark.parametrize("change", [{"st_mode": 0o100666}, {"st_mode": 0o100664}, {"st_uid": 4711}])
def test_a_file_that_others_may_write_is_compiled_again(
    cached: Kernel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    change: dict[str, int],
) -> None:
    """It is unpickled: in a folder such as /tmp anybody may have put another one there."""
    cached()
    (file,) = files(tmp_path, kind)
    theirs, fstat = file.stat().st_ino, os.fstat

    def seen(descriptor: int) -> Any:
        about = fstat(descriptor)
        own = {name: getattr(about, name) for name in ("st_uid", "st_mode", "st_ino")}
        return SimpleNamespace(**own | (change if about.st_ino == theirs else {}))

    with monkeypatch.context() as another_owner:
        another_owner.setattr(cache, "os", SimpleNamespace(**vars(os) | {"fstat": seen}))
        assert cached() == (42, True)
    assert cached() == (42, False)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_what_a_lax_umask_lets_groups_write_is_found_again(cached: Kernel, tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        assert cached() == (42, True)
        assert cached() == (42, False)
    finally:
        os.umask(before)
    assert {file.stat().st_mode & 0o777 for file in files(tmp_path, "nb?")} == {0o644}


def test_a_folder_in_the_place_of_a_file_is_no_error(cached: Kernel, tmp_path: Path) -> None:
    cached()
    for file in files(tmp_path, "nb?"):
        file.unlink()
        file.mkdir()
    assert cached() == (42, True)


def test_a_full_disk_is_no_error(
    cached: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache._SealedFiles, "_write", full)
    assert cached() == (42, True)
    assert cached() == (42, True)
    assert not files(tmp_path, "nb?")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
@pytest.mark.parametrize("written", [False, True])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(
    cached: Kernel, tmp_path: Path, written: bool
) -> None:
    def too_long(*_: object) -> None:
        raise AssertionError("waited")

    cached()
    (index,) = files(tmp_path, "nbi")
    index.unlink()
    os.mkfifo(index)
    other_end = os.open(index, os.O_RDWR) if written else None
    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(20)
    try:
        assert cached() == (42, True)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        if other_end is not None:
            os.close(other_end)
    assert cached() == (42, False)
