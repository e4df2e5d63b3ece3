import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Yaml } from 'cdk8s';
import { ArgoCd } from './argocd.ts';
import { Crds } from './crds.ts';
import { Operator } from './operator.ts';
import { Runtimes } from './runtimes.ts';
import { iris, Sample } from './samples.ts';

// The app of cdk8s.yaml: writes `manifests/`, or the folder that cdk8s names.
const outdir = process.env.CDK8S_OUTDIR ?? 'manifests';
const outputFileExtension = '.yaml';

const parts = { crds: Crds, install: Operator, runtimes: Runtimes };
const install = new App({ outdir, outputFileExtension });
for (const [name, Part] of Object.entries(parts)) new Part(install, name);
install.synth();
const kustomization = {
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  resources: Object.keys(parts).map((name) => `${name}${outputFileExtension}`),
};
writeFileSync(join(outdir, 'kustomization.yaml'), Yaml.stringify(kustomization));

const samples = new App({ outdir: join(outdir, 'samples'), outputFileExtension });
new Sample(samples, 'iris', iris);
samples.synth();

const settings = new App({ outdir: join(outdir, 'argocd'), outputFileExtension });
new ArgoCd(settings, 'argocd-cm');
settings.synth();
