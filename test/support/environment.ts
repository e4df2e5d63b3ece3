import { catalogue } from '../../src/catalogue.ts';
import { capabilitiesOf, type Settings } from '../../src/synth/capabilities.ts';
import type { Environment } from '../../src/synth/environment.ts';

/** A cluster with these settings, the built-in runtimes, and a fetcher image of no meaning. */
export const environment = (settings: Settings = {}): Environment => ({
  capabilities: capabilitiesOf(settings),
  runtimes: catalogue(),
  fetcherImage: 'registry.example/dormouse:1',
  allowance: {},
});
