"""The `onnxruntime` backend of Triton in Python, for servers that lack the C++ one. Both stand on ONNX Runtime.

Triton's Python backend runs it for each model whose repository has a model.onnx. Without a config.pbtxt the
configuration comes from the graph, by the rules of the C++ backend.
"""

import json
import os
import re
from pathlib import Path

import numpy
import onnxruntime
import triton_python_backend_utils as triton

types = {
    "tensor(bool)": "TYPE_BOOL",
    "tensor(double)": "TYPE_FP64",
    "tensor(float)": "TYPE_FP32",
    "tensor(float16)": "TYPE_FP16",
    "tensor(string)": "TYPE_STRING",
    **{f"tensor({sign}int{bits})": f"TYPE_{sign.upper()}INT{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}


def open_session(config):
    """The graph of a model; works within the functions that Triton calls."""
    file = Path(triton.get_model_dir(), config["default_model_filename"] or "model.onnx")
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])


def default_max_batch_size():
    """The server's setting, 4 where it has none. Triton tells it to backends in C++ alone, so ask its command line."""
    arguments = Path(f"/proc/{os.getppid()}/cmdline").read_text(encoding="utf-8")
    for backend in ("onnxruntime,", ""):
        if found := re.search(rf"--backend-config[=\0]{backend}default-max-batch-size=(\d+)", arguments):
            return int(found[1])
    return 4


def describe(tensor, batched):
    """An input or output as the configuration has it, where a batch is no dimension and no tensor a scalar."""
    if tensor.type not in types:
        raise ValueError(f"{tensor.name} is a {tensor.type}, and Triton has tensors alone: convert it without zipmap.")
    dims = [size if isinstance(size, int) else -1 for size in tensor.shape][batched:]
    shape = {"dims": dims} if dims else {"dims": [1], **({"reshape": {"shape": []}} if batched else {})}
    return {"name": tensor.name, "data_type": types[tensor.type], **shape}


def has_batches(tensor):
    return len(tensor.shape) > 0 and not isinstance(tensor.shape[0], int)


class TritonPythonModel:
    @staticmethod
    def auto_complete_config(auto_complete):
        config = auto_complete.as_dict()
        if config["input"] and config["output"]:
            return auto_complete
        session = open_session(config)
        graph = {"input": session.get_inputs(), "output": session.get_outputs()}
        if all(has_batches(tensor) for tensors in graph.values() for tensor in tensors):
            if config["max_batch_size"] == 0:
                auto_complete.set_max_batch_size(default_max_batch_size())
            if config["max_batch_size"] > 1 and "sequence_batching" not in config:
                auto_complete.set_dynamic_batching()
        elif config["max_batch_size"] != 0:
            raise ValueError(f"{config['name']} has a tensor without a batch dimension: max_batch_size must be 0.")
        for kind, tensors in graph.items():
            # add_input and add_output know of no reshape.
            config[kind] = config[kind] or [describe(tensor, config["max_batch_size"] > 0) for tensor in tensors]
        return auto_complete

    def initialize(self, args):
        self.session = open_session(json.loads(args["model_config"]))

    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        try:
            inputs = {tensor.name(): decoded(tensor.as_numpy()) for tensor in request.inputs()}
            requested = request.requested_output_names()
            names = [output.name for output in self.session.get_outputs() if output.name in requested]
            outputs = self.session.run(names, inputs)
            return triton.InferenceResponse([triton.Tensor(name, array) for name, array in zip(names, outputs)])
        except Exception as error:
            return triton.InferenceResponse(error=triton.TritonError(str(error)))


def decoded(array):
    """Triton's strings are bytes."""
    return array if array.dtype != numpy.object_ else numpy.vectorize(bytes.decode, otypes=[object])(array)
