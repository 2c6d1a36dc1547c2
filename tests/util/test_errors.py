"""Errors as one sentence, for whoever reads it."""

import pytest

from napari_autolut.io.zarr.unfinished import check_zarr_free
from napari_autolut.util.atomic import check_replaceable
from napari_autolut.util.errors import ExistsAlreadyError, error_message


@pytest.mark.parametrize("check", [check_replaceable, check_zarr_free])
def test_a_result_that_is_there_names_no_option_of_another_program(tmp_path, check):
    path = tmp_path / "a.ome.zarr"
    path.mkdir()
    with pytest.raises(ExistsAlreadyError) as caught:
        check(path, overwrite=False)
    assert error_message(caught.value) == f"{path}: exists already; choose another name"
    assert caught.value.__notes__ == ["overwrite=True replaces it"]
    in_a_shell = error_message(caught.value, overwrite="allow --overwrite")
    assert in_a_shell == f"{path}: exists already; choose another name or allow --overwrite"


def test_other_errors_cannot_be_overwritten():
    error = FileNotFoundError(2, "No such file or directory", "a.png")
    assert error_message(error, overwrite="allow --overwrite") == "a.png: No such file or directory"
