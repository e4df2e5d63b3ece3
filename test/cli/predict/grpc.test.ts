import { expect, it } from 'vitest';
import { grpcText } from '#cli/predict/predict.ts';
import { found } from '../models.ts';
import { kubeconfigOf, run } from '../run.ts';

const host = 'iris.default.svc.cluster.local';

it('a model that speaks gRPC behind the API server is asked through a port that kubectl leads here', () => {
  const pod = { namespace: 'kourier-system', pod: 'gateway-1', port: 8081 };
  expect(grpcText('iris', 'v2', { origin: `http://${host}`, host, pod })).toBe(
    `iris speaks gRPC, and predict speaks HTTP: run "kubectl port-forward -n kourier-system gateway-1 8080:8081", and beside it a gRPC client, such as: grpcurl -plaintext -authority ${host} -proto open_inference_grpc.proto -d '{"name": "iris"}' 127.0.0.1:8080 inference.GRPCInferenceService/ModelReady`,
  );
});

it.each([
  [[], 'SERVICE/METHOD'],
  [['--path', '/x'], 'SERVICE/METHOD'],
  [['--protocol', 'v2'], 'inference.GRPCInferenceService/ModelReady'],
])('a model that speaks gRPC is not asked by HTTP, whatever the flags say: %j', async (flags, method) => {
  const model = found({}, {
    model: undefined,
    container: { image: 'registry.example/iris:1', transport: 'h2c' },
  } as never);
  const config = await kubeconfigOf(({ url = '' }, response) => {
    const list = { apiVersion: 'v1', kind: 'XList', metadata: {}, items: [] };
    response.end(
      JSON.stringify(
        url.endsWith('/inferencemodels/iris')
          ? { ...model, apiVersion: 'dormouse.dev/v1alpha1', kind: 'InferenceModel' }
          : list,
      ),
    );
  });
  const ask = ['predict', 'iris', '-f', 'package.json', '--via', '127.0.0.1:31080', '--kubeconfig', config];
  const { code, stderr } = await run([...ask, ...flags]);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error: iris speaks gRPC, and predict speaks HTTP: run a gRPC client, such as: grpcurl /,
  );
  expect(stderr).toContain(` 127.0.0.1:31080 ${method}\n`);
});
