"""Asks a server of the V2 protocol all that NVIDIA's client library can ask of a model.

Reads {"protocol": "http" or "grpc", "address": "host:port", "host": ..., "model": ..., "rows": [[...], ...]} from
standard input, where `host` is the name that an ingress routes by. Writes the answers as JSON.
"""

import importlib
import json
import sys

import numpy
from tritonclient.utils import triton_to_np_dtype

question = json.load(sys.stdin)
protocol, model = question["protocol"], question["model"]
triton = importlib.import_module(f"tritonclient.{protocol}")
# A sleeping model answers late.
patience = 120.0

if protocol == "http":
    timeouts = {"connection_timeout": patience, "network_timeout": patience}
    client = triton.InferenceServerClient(question["address"], **timeouts)
    call = {"headers": {"Host": question["host"]}}
    metadata = client.get_model_metadata(model, **call)
else:
    authority = [("grpc.default_authority", question["host"])]
    client = triton.InferenceServerClient(question["address"], channel_args=authority)
    call = {"client_timeout": patience}
    metadata = client.get_model_metadata(model, as_json=True, **call)

# Some servers tell nothing of a model's tensors; those take any name.
[described, *_] = metadata.get("inputs") or [{"name": "features", "datatype": "FP64"}]
rows = numpy.array(question["rows"], dtype=triton_to_np_dtype(described["datatype"]))
tensor = triton.InferInput(described["name"], list(rows.shape), described["datatype"])
if protocol == "http":
    # Raw bytes behind the JSON are an extension of the protocol.
    extensions = client.get_server_metadata(**call)["extensions"]
    tensor.set_data_from_numpy(rows, binary_data="binary_tensor_data" in extensions)
else:
    tensor.set_data_from_numpy(rows)
answer = client.infer(model, [tensor], **call)
response = answer.get_response() if protocol == "http" else answer.get_response(as_json=True)
[output, *_] = metadata.get("outputs") or response["outputs"]

answers = {
    "live": client.is_server_live(**call),
    "ready": client.is_server_ready(**call),
    "modelReady": client.is_model_ready(model, **call),
    "metadata": metadata,
    "predictions": answer.as_numpy(output["name"]).ravel().tolist(),
}
client.close()
json.dump(answers, sys.stdout)
