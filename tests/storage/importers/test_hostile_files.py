"""Files of tables that would never end, or that Python cannot read: one sentence each."""

import os

import pytest

from tests.storage.importers.refusals import SR_LUT, error_of


def with_header(path, header: str) -> None:
    content = header.encode()
    path.write_bytes(b"\x93NUMPY\1\0" + len(content).to_bytes(2, "little") + content + bytes(64))


@pytest.mark.parametrize(
    "shape",
    ["-" * 9000 + "1", "-" * 5000 + "1,", "1" + "+1j" * 3000 + ",", "-1,", "9" * 400 + ","],
    ids=["signs", "more signs", "sums", "negative", "huge"],
)
def test_headers_that_python_cannot_read(write, shape):
    folder = write(SR_LUT)
    (path,) = folder.glob("*.npy")
    with_header(path, f"{{'descr': '|i1', 'fortran_order': False, 'shape': ({shape})}}")
    assert "file: found unreadable content" in str(error_of(folder))


@pytest.mark.parametrize("kind", ["|V0", "|S0", "<U0", "<M8[s]"])
def test_values_that_are_no_numbers(write, kind):
    """As many without any bytes as one likes: copying them would never end."""
    folder = write(SR_LUT)
    (path,) = folder.glob("*.npy")
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({10**9}, {10**9})}}"
    with_header(path, header)
    assert "unreadable content (values of type" in str(error_of(folder))


@pytest.mark.skipif(os.name == "nt", reason="links and named pipes ask for rights there")
def test_a_pipe_or_device_instead_of_a_table(write):
    for number, make in enumerate((os.mkfifo, lambda path: path.symlink_to("/dev/zero"))):
        folder = write(SR_LUT)
        (path,) = folder.glob("*.npy")
        path.unlink()
        make(path)
        assert "found a folder or device" in str(error_of(folder)), number
        path.unlink()


def test_a_file_larger_than_any_table(write):
    folder = write(SR_LUT)
    (path,) = folder.glob("*.npy")
    with path.open("r+b") as stream:
        stream.truncate(2**33)
    assert "file size: found 8589934592 bytes" in str(error_of(folder))
