"""Plain 3 x 3 networks of the shapes that a user of a CPU can take instead of tables.

Belongs here: their shapes, their quality as it was measured, and running them. Weights are random:
time does not depend on them. The shapes are those of ECBSR (Zhang et al., ACM MM 2021) and ETDS
(Chao et al., CVPR 2023) as they run: M convolutions of C channels between a first and a last one,
then the blocks of pixels. ECBSR has PReLU and adds the image; ETDS has ReLU and a last 1 x 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from timing import Work

from napari_autolut.export.graph import Graph, real


class Network(NamedTuple):
    """A network, and PSNR-Y in dB of its published weights on RGB images, measured as ours is."""

    kind: str
    convolutions: int
    channels: int
    quality: dict[int, tuple[float, float]]
    """For each scale Set5 and Set14."""

    @property
    def name(self) -> str:
        return f"{self.kind}-M{self.convolutions}C{self.channels}"


NETWORKS = (
    Network("ETDS", 5, 16, {4: (30.89, 27.77)}),
    Network("ECBSR", 4, 16, {4: (30.89, 27.81)}),
    Network("ETDS", 4, 32, {2: (37.39, 32.98), 4: (31.21, 28.03)}),
    Network("ECBSR", 4, 32, {4: (31.25, 28.06)}),
    Network("ETDS", 6, 32, {2: (37.56, 33.10), 4: (31.42, 28.14)}),
    Network("ECBSR", 6, 40, {2: (37.63, 33.19), 4: (31.42, 28.21)}),
    Network("ETDS", 7, 48, {2: (37.66, 33.25), 4: (31.71, 28.33)}),
)


def as_onnx(network: Network, scale: int, colours: int) -> bytes:
    """The network with random weights, in the bytes of an ONNX file."""
    random = np.random.default_rng(0)
    graph = Graph(network.name)

    def convolved(source: str, inputs: int, outputs: int, size: int = 3) -> str:
        shape = (outputs, inputs, size, size)
        weights = random.normal(0, (2 / (inputs * size**2)) ** 0.5, shape).astype(np.float32)
        bias = np.zeros(outputs, np.float32)
        return graph.add("Conv", source, weights, bias, pads=[size // 2] * 4)

    def activated(source: str) -> str:
        if network.kind == "ETDS":
            return graph.add("Relu", source)
        slopes = np.full((network.channels, 1, 1), 0.25, np.float32)
        return graph.add("PRelu", source, slopes)

    signal = activated(convolved("image", colours, network.channels))
    for _ in range(network.convolutions):
        signal = activated(convolved(signal, network.channels, network.channels))
    outputs = colours * scale**2
    signal = convolved(signal, network.channels, outputs)
    if network.kind == "ETDS":
        signal = graph.add("Relu", signal)
        signal = graph.add("Relu", convolved(signal, outputs, outputs, 1))
    else:
        every = np.repeat(np.arange(colours), scale**2)
        signal = graph.add("Add", signal, graph.add("Gather", "image", every, axis=1))
    result = graph.add("DepthToSpace", signal, blocksize=scale, mode="CRD")
    result = graph.add("Clip", result, real(0), real(255))
    made = graph.finished("image", result, {"version": "0", "description": network.name})
    content: bytes = made.SerializeToString()
    return content


def in_openvino(model: bytes, image: np.ndarray, threads: int) -> Work:
    """Inference of (1, C, H, W) float32 in full precision by OpenVINO."""
    import openvino

    settings = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "f32",
    }
    core = openvino.Core()
    read = core.read_model(model)
    read.reshape(image.shape)
    request = core.compile_model(read, "CPU", settings).create_infer_request()
    request.set_input_tensor(openvino.Tensor(image, shared_memory=True))
    infer: Work = request.infer
    return infer


def in_onnxruntime(model: bytes, image: np.ndarray, threads: int) -> Work:
    """Inference of (1, C, H, W) float32 by onnxruntime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"image": image})
