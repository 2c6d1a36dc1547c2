"""A graph of ONNX operations that grows one operation at a time.

Belongs here: names, constants, and operations that are there already. Which operations make up a
model is in ``sampling.py``, ``interpolation.py`` and ``cascade.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.util.optional import for_export

OPSET = 15
"""Version of ONNX's operations; the oldest that has all of them, for programs with old runtimes."""

IR_VERSION = 8
"""Version of the file that belongs to it."""

MAX_OPERATIONS = 50_000
"""Runtimes take minutes to read more."""

FLOAT, INT64, DOUBLE = 1, 7, 11
"""Types of values, as ONNX numbers them."""

Operand = str | NDArray[Any]
"""The name of a value, or a constant."""


class ExportError(ValueError):
    """A model that cannot be exported; the message says why, and what to do."""


class Graph:
    """Operations in order. One that is asked for twice is there once.

    Parameters
    ----------
    name : str
        Name of the graph.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._nodes: list[Any] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], Any] = {}
        self._known: dict[Any, tuple[str, ...]] = {}

    def add(self, operation: str, *operands: Operand, **attributes: Any) -> str:
        """Add an operation with one result.

        Parameters
        ----------
        operation : str
            Its name in ONNX.
        *operands : str or ndarray
            Names of what it reads, or constants.
        **attributes : object
            As ONNX describes them.

        Returns
        -------
        str
            Name of the result.
        """
        return self.add_several(operation, 1, *operands, **attributes)[0]

    def add_several(
        self, operation: str, results: int, *operands: Operand, **attributes: Any
    ) -> tuple[str, ...]:
        """Add an operation with several results, as :meth:`add`, and give their names.

        Raises
        ------
        ExportError
            If there are too many operations.
        """
        names = [each if isinstance(each, str) else self._constant(each) for each in operands]
        key = (operation, results, *names, *sorted((k, str(v)) for k, v in attributes.items()))
        if key not in self._known:
            number = len(self._nodes)
            if number == MAX_OPERATIONS:
                raise ExportError(
                    f"{self.name} takes more than {MAX_OPERATIONS:,} operations as ONNX, expected "
                    "at most that many; export a model with fewer look-ups or smaller windows"
                )
            made = tuple(f"{operation}{number}_{result}" for result in range(results))
            make = for_export("onnx.helper").make_node
            self._nodes.append(make(operation, names, list(made), **attributes))
            self._known[key] = made
        return self._known[key]

    def _constant(self, values: NDArray[Any]) -> str:
        key = (values.dtype.str, values.shape, values.tobytes())
        if key not in self._constants:
            name = f"constant{len(self._constants)}"
            self._constants[key] = for_export("onnx.numpy_helper").from_array(values, name)
        return str(self._constants[key].name)

    def finished(self, source: str, result: str, metadata: dict[str, str]) -> Any:
        """The whole as an ONNX model of float32 images of any size.

        Parameters
        ----------
        source, result : str
            Names of what goes in and comes out, both (batch, channel, height, width).
        metadata : dict of str to str
            What the file says about itself.

        Returns
        -------
        onnx.ModelProto
            A model that ONNX's checker has accepted.
        """
        helper = for_export("onnx.helper")
        sides = ("batch", "channel", "height", "width")
        larger = ("batch", "channel", "result_height", "result_width")
        self._nodes.append(helper.make_node("Identity", [result], ["result"]))
        graph = helper.make_graph(
            self._nodes,
            self.name,
            [helper.make_tensor_value_info(source, FLOAT, sides)],
            [helper.make_tensor_value_info("result", FLOAT, larger)],
            list(self._constants.values()),
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="napari-autolut",
            producer_version=metadata["version"],
            doc_string=metadata["description"],
        )
        helper.set_model_props(model, metadata)
        for_export("onnx.checker").check_model(model, full_check=True)
        return model


def real(*values: float) -> NDArray[np.float32]:
    """Constants of float32; one number is a scalar."""
    return np.array(values if len(values) > 1 else values[0], np.float32)


def whole(*values: int) -> NDArray[np.int64]:
    """A constant vector of int64."""
    return np.array(values, np.int64)
