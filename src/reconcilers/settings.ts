import type { Informer } from '../kube/informer.ts';
import { type Capabilities, capabilitiesOf } from '../synth/capabilities.ts';
import type { ConfigMap } from './resources.ts';

/** Gives what the settings of a cluster say now. Objects of a store are frozen, so the same ones are read only once. */
export function capabilitiesReader(settings: readonly Informer<ConfigMap>[]): () => Capabilities {
  let known: readonly ConfigMap[] | undefined;
  let capabilities: Capabilities;
  return () => {
    const found = settings.flatMap(({ store }) => store.list());
    if (found.length !== known?.length || found.some((map, index) => map !== known?.[index])) {
      capabilities = capabilitiesOf(
        Object.fromEntries(found.map(({ metadata, data }) => [metadata.name, data])),
      );
      known = found;
    }
    return capabilities;
  };
}
