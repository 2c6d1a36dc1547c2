"""Errors as one sentence, for whoever reads it."""

import copy
import pickle

import pytest

from napari_autolut.batch.cluster import ClusterError
from napari_autolut.export.graph import ExportError
from napari_autolut.io import ImageFileError
from napari_autolut.io.zarr.unfinished import check_zarr_free
from napari_autolut.layers import UnsupportedLayerError
from napari_autolut.model import ModelError
from napari_autolut.storage import ModelFileError, UnknownModelError
from napari_autolut.training.images import TrainingDataError
from napari_autolut.util.atomic import check_replaceable
from napari_autolut.util.errors import ExistsAlreadyError, error_message
from napari_autolut.util.optional import MissingDependencyError


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


ERRORS = [
    ModelError("scale", 5, "one of 1, 2"),
    ModelFileError("a.safetensors", "scale", 5, "one of 1, 2"),
    UnknownModelError("no model named 'a'"),
    ImageFileError("a.tif", "found no image"),
    ExistsAlreadyError("a.tif: exists already"),
    ClusterError("tcp://host:1: no scheduler answers there"),
    ExportError("a.txt: found .txt"),
    TrainingDataError("found no usable image"),
    MissingDependencyError("type: pip install onnx"),
    UnsupportedLayerError("'spots' is a Points layer"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_of_another_process_says_the_same_here(error, again):
    """One that cannot be sent breaks a pool of processes."""
    sent = again(error)
    assert type(sent) is type(error)
    assert (str(sent), repr(sent)) == (str(error), repr(error))
    assert vars(sent) == vars(error)
