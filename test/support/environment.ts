import { catalogue } from '#catalogue/catalogue.ts';
import { capabilitiesOf, type Settings } from '#knative/capabilities.ts';
import type { Environment } from '#synth/environment.ts';

/** A cluster with these settings, the built-in runtimes, and a fetcher image of no meaning. */
export const environment = (settings: Settings = {}): Environment => ({
  capabilities: capabilitiesOf(settings),
  runtimes: catalogue(),
  profiles: [],
  fetcherImage: 'registry.example/dormouse:1',
  allowance: {},
});
