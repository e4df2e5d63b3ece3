import { describe, expect, it } from 'vitest';
import { imported, remarksOf, runtime, service, specsOf } from './inputs.ts';

/** As KServe ships it, of version 0.15. */
const huggingface = `apiVersion: serving.kserve.io/v1alpha1
kind: ClusterServingRuntime
metadata: { name: kserve-huggingfaceserver }
spec:
  supportedModelFormats: [{ name: huggingface, version: "1", autoSelect: true, priority: 1 }]
  protocolVersions: [v2, v1]
  containers:
    - name: kserve-container
      image: kserve/huggingfaceserver:v0.15.2
      args: ["--model_name={{.Name}}"]
      env: [{ name: LMCACHE_USE_EXPERIMENTAL, value: "True" }]
      securityContext: { allowPrivilegeEscalation: false, privileged: false, runAsNonRoot: true, capabilities: { drop: [ALL] } }
      resources: { requests: { cpu: "1", memory: 2Gi }, limits: { cpu: "1", memory: 2Gi } }
`;

/** As NVIDIA publishes it (NVIDIA/nim-deploy, kserve/runtimes). */
const nim = `apiVersion: serving.kserve.io/v1alpha1
kind: ClusterServingRuntime
metadata: { name: nvidia-nim-llama3-8b-instruct-1.0.0 }
spec:
  containers:
    - name: kserve-container
      image: nvcr.io/nim/meta/llama3-8b-instruct:1.0.0
      env: [{ name: NGC_API_KEY, valueFrom: { secretKeyRef: { name: nvidia-nim-secrets, key: NGC_API_KEY } } }]
      ports: [{ containerPort: 8000, protocol: TCP }]
      resources: { limits: { cpu: "12", memory: 256Gi }, requests: { cpu: "12", memory: 128Gi } }
  imagePullSecrets: [{ name: ngc-secret }]
  protocolVersions: [v2, grpc-v2]
  supportedModelFormats: [{ name: nvidia-nim-llama3-8b-instruct, version: "1.0.0", autoSelect: true, priority: 1 }]
`;

describe('a model without storage', () => {
  it('of Hugging Face is a container that fetches it by its id', () => {
    const outcomes = imported(
      `${huggingface}---\n${service(
        `{ model: { modelFormat: { name: huggingface }, args: [--model_id=meta-llama/Meta-Llama-3-8B-Instruct],
           env: [{ name: HF_TOKEN, valueFrom: { secretKeyRef: { name: hf-secret, key: HF_TOKEN, optional: false } } }],
           resources: { limits: { cpu: "6", memory: 24Gi, nvidia.com/gpu: "1" }, requests: { cpu: "6", memory: 24Gi, nvidia.com/gpu: "1" } } } }`,
        '{ name: llama }',
      )}`,
    );
    expect(specsOf(outcomes)[1]).toMatchObject({
      container: {
        image: 'kserve/huggingfaceserver:v0.15.2-gpu',
        args: ['--model_name=llama', '--model_id=meta-llama/Meta-Llama-3-8B-Instruct'],
        env: [
          { name: 'LMCACHE_USE_EXPERIMENTAL', value: 'True' },
          { name: 'HF_TOKEN', valueFrom: { secretKeyRef: { name: 'hf-secret', key: 'HF_TOKEN' } } },
        ],
        securityContext: { runAsNonRoot: true },
      },
      resources: { limits: { cpu: '6', memory: '24Gi', 'nvidia.com/gpu': '1' } },
    });
    expect(remarksOf(outcomes)).toContain('own-model spec.predictor.model');
  });

  it('of NIM is a container with the port, the resources and the Secrets of its runtime', () => {
    const outcomes = imported(
      `${nim}---\n${service(
        `{ minReplicas: 1, model: { modelFormat: { name: nvidia-nim-llama3-8b-instruct }, runtime: nvidia-nim-llama3-8b-instruct-1.0.0,
           resources: { limits: { nvidia.com/gpu: "1" }, requests: { nvidia.com/gpu: "1" } } } }`,
        '{ name: llama3 }',
      )}`,
    );
    expect(specsOf(outcomes)[1]).toMatchObject({
      container: { image: 'nvcr.io/nim/meta/llama3-8b-instruct:1.0.0', port: 8000, protocol: 'v2' },
      resources: {
        requests: { cpu: '12', memory: '128Gi', 'nvidia.com/gpu': '1' },
        limits: { cpu: '12', memory: '256Gi', 'nvidia.com/gpu': '1' },
      },
      pod: { imagePullSecrets: [{ name: 'ngc-secret' }] },
    });
  });

  it('of a server that its arguments tell where the model lies is a container, too', () => {
    const triton = runtime().replace('name: sklearn', 'name: triton').replace('[v1]', '[v2]');
    const outcomes = imported(
      `${triton}---\n${service('{ triton: { args: ["--model-repository=s3://models/repository"] } }')}`,
    );
    expect(specsOf(outcomes)[1]).toMatchObject({
      container: {
        args: ['--model_name=iris', '--model_dir=/mnt/models', '--model-repository=s3://models/repository'],
      },
    });
  });

  it.each([
    ['kserve-huggingfaceserver', '{ huggingface: { args: [--model_id=google-t5/t5-small] } }'],
    [
      'vllm-cuda',
      '{ model: { modelFormat: { name: vLLM }, runtime: vllm-cuda, args: [--model=facebook/opt-125m] } }',
    ],
  ])('is refused without its runtime, which is named: %s', (name, predictor) => {
    expect(imported(service(predictor))[0]).toMatchObject({
      result: 'refused',
      remarks: [
        {
          reason: 'server',
          detail: `its server fetches the model itself: add the ServingRuntime ${name} to the input`,
        },
      ],
    });
  });
});
