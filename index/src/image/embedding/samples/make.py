"""Makes the tiny ONNX model of the embedding tests, and what it gives for one picture.

Run in this folder with the packages onnx, onnxruntime and numpy; tiny.onnx and tiny.json are
committed, so that the tests need none of them. The weights come from a formula and mean nothing.
"""

import json

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SIDE = 8
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def weights(name, *shape):
    count = int(np.prod(shape))
    values = np.sin(np.arange(count) * 1.7 + len(name)).astype(np.float32) * 0.5
    return numpy_helper.from_array(values.reshape(shape), name)


def model():
    """Two outputs, as image encoders have them: a vector, and 16 tokens of 4 values."""
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["c"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("GlobalAveragePool", ["r"], ["g"]),
        helper.make_node("Flatten", ["g"], ["f"]),
        helper.make_node("Gemm", ["f", "head", "bias"], ["vector"]),
        helper.make_node("Reshape", ["c", "shape"], ["s"]),
        helper.make_node("Transpose", ["s"], ["t"], perm=[0, 2, 1]),
        helper.make_node("LayerNormalization", ["t", "scale", "shift"], ["tokens"], axis=-1),
    ]
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(
        nodes,
        "tiny",
        [value("image", ["batch", 3, SIDE, SIDE])],
        [value("vector", ["batch", 8]), value("tokens", ["batch", 16, 4])],
        [
            weights("kernel", 4, 3, 3, 3),
            weights("head", 4, 8),
            weights("bias", 8),
            weights("scale", 4),
            weights("shift", 4),
            numpy_helper.from_array(np.array([0, 4, -1], np.int64), "shape"),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made


def picture():
    """The same formula as the tests': no resizing is needed, so none can differ."""
    y, x, channel = np.mgrid[0:SIDE, 0:SIDE, 0:3]
    return ((x * 29 + y * 17 + channel * 71 + x * y * 5) % 256).astype(np.uint8)


made = model()
with open("tiny.onnx", "wb") as file:
    file.write(made.SerializeToString())
pixels = (picture().astype(np.float32) / 255 - MEAN) / DEVIATION
session = onnxruntime.InferenceSession("tiny.onnx", providers=["CPUExecutionProvider"])
vector, tokens = session.run(None, {"image": pixels.transpose(2, 0, 1)[None]})
with open("tiny.json", "w") as file:
    json.dump({"vector": vector[0].tolist(), "first_token": tokens[0, 0].tolist()}, file, indent=1)
    file.write("\n")
