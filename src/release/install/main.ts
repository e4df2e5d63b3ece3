import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { ArgoCd } from './argocd.ts';
import { Crds } from './crds.ts';
import { Kustomization } from './kustomization.ts';
import { Operator } from './operator.ts';
import { Runtimes } from './runtimes.ts';
import { sampleNotes } from './sample-notes.ts';
import { Sample, samples } from './samples.ts';

// The app of cdk8s.yaml: writes `manifests/`, or the folder that cdk8s names.
const outdir = process.env.CDK8S_OUTDIR ?? 'manifests';
const outputFileExtension = '.yaml';

const install = new App({ outdir, outputFileExtension });
new Crds(install, 'crds');
new Operator(install, 'install');
new Runtimes(install, 'runtimes');
new Kustomization(install, 'kustomization', install.charts);
install.synth();

const tried = new App({ outdir: join(outdir, 'samples'), outputFileExtension });
for (const [name, objects] of Object.entries(samples)) new Sample(tried, name, objects);
tried.synth();
for (const [name, objects] of Object.entries(samples)) {
  const file = join(tried.outdir, `${name}${outputFileExtension}`);
  writeFileSync(file, sampleNotes(name, objects) + readFileSync(file, 'utf8'));
}

const settings = new App({ outdir: join(outdir, 'argocd'), outputFileExtension });
new ArgoCd(settings, 'argocd-cm');
settings.synth();
