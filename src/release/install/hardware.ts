import type { InferenceProfileSpecInput } from '#api/v1alpha1/profile.ts';
import type { SampleObjects } from './samples.ts';

/** Nodes with a device are often kept for pods that ask for it, by a taint of its name. */
const tolerate = (key: string) => ({ key, operator: 'Exists', effect: 'NoSchedule' }) as const;

const nvidiaLabels = [
  "nvidia.com/gpu.product is a label of NVIDIA's GPU feature discovery, which its GPU operator installs. Nodes that come by themselves have",
  'others: cloud.google.com/gke-accelerator: nvidia-l4 (GKE), eks.amazonaws.com/instance-gpu-name: l4 (EKS Auto Mode),',
  'karpenter.k8s.aws/instance-gpu-name: l4 (Karpenter on AWS).',
];
const nvidiaTaint = [
  'GKE puts the taint nvidia.com/gpu on nodes with GPUs. On EKS and AKS they have the taints that their pool was given, in the pages of AKS',
  'sku=gpu:NoSchedule.',
];

const named = (name: string, spec: InferenceProfileSpecInput) => ({ name, spec });

/** Profiles of hardware, each with a model that fits on it, by the names of the models. */
export const hardware: Readonly<Record<string, SampleObjects>> = {
  'nvidia-l4': {
    notes: [...nvidiaLabels, ...nvidiaTaint],
    profile: named('nvidia-l4', {
      description: 'One NVIDIA L4 with 24 GB.',
      resources: {
        requests: { cpu: 4, memory: '16Gi' },
        limits: { memory: '24Gi', 'nvidia.com/gpu': 1 },
      },
      pod: {
        nodeSelector: { 'nvidia.com/gpu.product': 'NVIDIA-L4' },
        tolerations: [tolerate('nvidia.com/gpu')],
      },
    }),
    model: {
      model: { format: 'huggingface', uri: 'hf://Qwen/Qwen3-4B', maxSize: '10Gi' },
      runtime: { args: ['--max-model-len=8192'] },
      profile: 'nvidia-l4',
    },
  },
  'nvidia-80gb': {
    notes: [
      'By affinity, since a nodeSelector takes one value of a label alone.',
      ...nvidiaLabels,
      ...nvidiaTaint,
    ],
    profile: named('nvidia-80gb', {
      description: 'Two NVIDIA A100 or H100 with 80 GB each.',
      resources: {
        requests: { cpu: 8, memory: '64Gi' },
        limits: { memory: '128Gi', 'nvidia.com/gpu': 2 },
      },
      pod: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    {
                      key: 'nvidia.com/gpu.product',
                      operator: 'In',
                      values: ['NVIDIA-A100-SXM4-80GB', 'NVIDIA-H100-80GB-HBM3'],
                    },
                  ],
                },
              ],
            },
          },
        },
        tolerations: [tolerate('nvidia.com/gpu')],
      },
    }),
    model: {
      model: { format: 'huggingface', uri: 'hf://Qwen/Qwen3-32B', maxSize: '70Gi' },
      runtime: { args: ['--tensor-parallel-size=2', '--max-model-len=16384'] },
      profile: 'nvidia-80gb',
    },
  },
  'nvidia-mig': {
    notes: [
      'nvidia.com/mig-1g.10gb is what the device plugin offers under the MIG strategy "mixed"; under "single" slices are nvidia.com/gpu, and',
      'their nodes have labels such as nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3-MIG-1g.10gb.',
      ...nvidiaTaint,
    ],
    profile: named('nvidia-mig', {
      description: 'A slice with 10 GB of an NVIDIA A100 or H100.',
      resources: {
        requests: { cpu: 2, memory: '4Gi' },
        limits: { memory: '8Gi', 'nvidia.com/mig-1g.10gb': 1 },
      },
      pod: {
        nodeSelector: { 'nvidia.com/mig.strategy': 'mixed' },
        tolerations: [tolerate('nvidia.com/gpu')],
      },
    }),
    model: {
      model: {
        format: 'gguf',
        uri: 'hf://Qwen/Qwen3-4B-GGUF@main/Qwen3-4B-Q4_K_M.gguf',
        maxSize: '3Gi',
      },
      runtime: { args: ['--ctx-size', '8192'] },
      profile: 'nvidia-mig',
    },
  },
  'amd-mi300x': {
    notes: [
      "amd.com/gpu.product-name is a label of the node labeller of AMD's device plugin.",
      'The server is no root: where /dev/kfd belongs to a group of the node, write its id, too: pod.securityContext.supplementalGroups.',
    ],
    profile: named('amd-mi300x', {
      description: 'One AMD Instinct MI300X with 192 GB.',
      resources: {
        requests: { cpu: 8, memory: '32Gi' },
        limits: { memory: '64Gi', 'amd.com/gpu': 1 },
      },
      pod: {
        nodeSelector: { 'amd.com/gpu.product-name': 'AMD_Instinct_MI300X_OAM' },
        tolerations: [tolerate('amd.com/gpu')],
      },
    }),
    model: {
      model: { format: 'huggingface', uri: 'hf://Qwen/Qwen3-32B', maxSize: '70Gi' },
      runtime: { args: ['--max-model-len=16384'] },
      profile: 'amd-mi300x',
    },
  },
  'intel-gaudi': {
    notes: [
      "No built-in runtime has an image for Gaudi: replace this one by yours, made with a Dockerfile of vLLM's plugin",
      '(https://docs.vllm.ai/projects/gaudi/en/latest/getting_started/installation.html).',
    ],
    profile: named('intel-gaudi', {
      description: 'One Intel Gaudi accelerator.',
      resources: {
        requests: { cpu: 8, memory: '64Gi' },
        limits: { memory: '128Gi', 'habana.ai/gaudi': 1 },
      },
      pod: { tolerations: [tolerate('habana.ai/gaudi')] },
    }),
    model: {
      model: { format: 'huggingface', uri: 'hf://Qwen/Qwen3-8B', maxSize: '20Gi' },
      runtime: { name: 'vllm', image: 'registry.example.com/vllm-gaudi:1', args: ['--max-model-len=8192'] },
      profile: 'intel-gaudi',
    },
  },
  cpu: {
    profile: named('cpu', {
      description: 'CPUs of x86, as the image of Text Embeddings Inference wants them.',
      resources: { requests: { cpu: 2, memory: '1Gi' }, limits: { memory: '4Gi' } },
      pod: { nodeSelector: { 'kubernetes.io/arch': 'amd64' } },
    }),
    model: {
      model: {
        format: 'sentence-transformers',
        uri: 'hf://sentence-transformers/all-MiniLM-L6-v2',
        maxSize: '1Gi',
      },
      profile: 'cpu',
    },
  },
};
