import { connect } from '#kube/client/connection.ts';
import { RestClient } from '#kube/client/rest.ts';

// Asks the API server of a kubeconfig for its version, once: run by tests that compare it with kubectl.
const [kubeconfig = ''] = process.argv.slice(2);
const connection = await connect({ kubeconfig, env: process.env });
try {
  await new RestClient(connection).read('/version', { timeoutMs: 5000 });
} finally {
  await connection.close();
}
