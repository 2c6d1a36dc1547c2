"""Ctrl-C in a finaliser or a callback, where Python prints the exception and goes on."""

from __future__ import annotations

import ctypes
import signal
import sys
import time
from collections.abc import Callable

import pytest

from napari_autolut.util.interruptions import OF_LLVM, none_is_lost


def wait() -> None:
    """In pieces on Windows, where Python wakes nobody, and raises it between them."""
    pieces = 1 if hasattr(signal, "pthread_kill") else 3000
    for _ in range(pieces):
        time.sleep(30 / pieces)


class PressesCtrlC:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def in_a_finaliser() -> None:
    PressesCtrlC()


def in_a_callback() -> None:
    ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGINT))()


@pytest.mark.parametrize("presses", [in_a_finaliser, in_a_callback])
def test_it_is_raised_soon(presses: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    before, begun = sys.unraisablehook, time.monotonic()
    with pytest.raises(KeyboardInterrupt), none_is_lost():
        presses()
        wait()
    assert time.monotonic() - begun < 20, "what waits is woken"
    assert sys.unraisablehook is before
    assert capsys.readouterr().err == ""


def test_it_waits_until_llvm_has_what_it_asked_for() -> None:
    """Without that numba found nothing compiled, and the command ended in a traceback."""
    given: list[str] = []

    def _raw_object_cache_notify() -> None:
        def compiled() -> None:
            signal.raise_signal(signal.SIGINT)
            given.append("object code")

        compiled()

    with pytest.raises(KeyboardInterrupt), none_is_lost():
        ctypes.CFUNCTYPE(None)(_raw_object_cache_notify)()
        assert given == ["object code"]
        wait()


def test_llvmlite_has_such_callbacks() -> None:
    engine = pytest.importorskip("llvmlite.binding").ExecutionEngine
    assert [name for name in vars(engine) if name.startswith(OF_LLVM)]


def test_other_errors_that_python_drops_are_told_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __del__(self) -> None:
            raise ValueError

    told: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda given: told.append(given.exc_type))
    with none_is_lost():
        Broken()
    assert told == [ValueError]
