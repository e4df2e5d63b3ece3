import { parseInferenceModel } from '#api/v1alpha1/inferencemodel.ts';
import { ProblemsError } from '#base/problems.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import type { KubernetesObject } from '#kube/client/objects.ts';
import { synthesize } from '#synth/synthesize.ts';
import type { ClusterFlags } from '../controller/command.ts';
import { readDocuments } from '../input/documents.ts';
import { filesOf } from '../input/files.ts';
import type { Environments } from './environments.ts';
import type { OpenCluster } from './open.ts';
import { type ClusterState, keyed, nothingKnown, stateOf } from './state.ts';

/** Where to look, and how. */
export interface BaselineOptions extends ClusterFlags {
  /** `cluster`, or a file or folder with what `kubectl get -o yaml` gave; if left out, {@link asShipped}. */
  readonly source?: string | undefined;
}

/** A cluster to hold something against. */
export interface Baseline {
  /** Its name in messages. */
  readonly where: string;
  /** Of models that name none. */
  readonly namespace: string | undefined;
  /** Where it is there now, and not as it was saved. */
  readonly cluster: OpenCluster | undefined;
  /** What there is in these namespaces; in all, where none are given. */
  read(namespaces?: readonly string[]): Promise<ClusterState>;
  close(): Promise<void>;
}

/** No cluster: Knative as it is shipped, where nothing runs. */
export const asShipped: Baseline = {
  where: 'Knative as it is shipped',
  namespace: undefined,
  cluster: undefined,
  read: async () => nothingKnown,
  close: async () => {},
};

/** @throws PlainError where it cannot be read, here and later; of them UnreachableError where no cluster is reached */
export async function openBaseline({ source, ...target }: BaselineOptions): Promise<Baseline> {
  if (source === undefined) return asShipped;
  if (source !== 'cluster') return saved(source);
  const { openCluster } = await import('./open.ts');
  const { readState } = await import('./live.ts');
  const cluster = await openCluster(target);
  return {
    where: 'the cluster',
    namespace: cluster.namespace,
    cluster,
    read: (namespaces) => readState(cluster.client, namespaces),
    close: () => cluster.connection.close(),
  };
}

/** Everything there is in the file counts, in whichever namespace it is. */
function saved(source: string): Baseline {
  const namespace = 'default';
  return {
    where: source,
    namespace,
    cluster: undefined,
    async read() {
      const documents = (await Promise.all((await filesOf([source])).map(readDocuments))).flat();
      return stateOf(documents.map(({ value }) => value).filter(isObject), namespace);
    },
    close: async () => {},
  };
}

const isObject = (value: unknown): value is KubernetesObject =>
  typeof (value as { metadata?: { name?: unknown } } | null)?.metadata?.name === 'string';

/** Whether there are models and none of their Services, as in another commit of a repository. */
export const hasModelsAlone = ({ models, services }: ClusterState) => models.size > 0 && services.size === 0;

/** The same with the Services that its models become, as if the controller had run; those refused become none. */
export function withServices(state: ClusterState, environmentOf: Environments): ClusterState {
  const models = [...state.models.values()].map(({ metadata, ...rest }) => ({
    ...rest,
    metadata: { uid: 'none', ...metadata },
  }));
  const services = models.flatMap((model): KnativeServiceObject[] => {
    try {
      const environment = environmentOf(model.metadata.namespace);
      return [synthesize(parseInferenceModel(model), environment) as KnativeServiceObject];
    } catch (error) {
      if (error instanceof ProblemsError) return [];
      throw error;
    }
  });
  return { ...state, models: keyed(models), services: keyed(services) };
}
