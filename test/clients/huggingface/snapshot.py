"""Downloads a repository of the hub that HF_ENDPOINT names into a folder, as JSON on standard input says."""
import json
import sys

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError

question = json.load(sys.stdin)
try:
    snapshot_download(**question)
    print(json.dumps({'error': None}))
except HfHubHTTPError as error:
    print(json.dumps({'error': type(error).__name__}))
