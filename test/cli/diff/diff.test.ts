import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { catalogueManifests } from '#catalogue/catalogue.ts';
import { openBaseline } from '#cli/cluster/baseline.ts';
import { type DiffOptions, diff } from '#cli/diff/diff.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../../support/environment.ts';
import { manifest, model } from '../../support/models.ts';

interface Given {
  readonly files: readonly object[];
  readonly saved: readonly object[];
  readonly options?: Partial<DiffOptions>;
}

/** What `dormouse diff -f files.json --baseline saved.json` prints, says and ends with. */
async function diffed({ files, saved, options = {} }: Given) {
  const folder = await mkdtemp(join(tmpdir(), 'dormouse-diff-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const write = async (name: string, items: readonly object[]) => {
    await writeFile(join(folder, name), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    return join(folder, name);
  };
  const { fetcherImage, allowance } = environment();
  const baseline = await openBaseline({ source: await write('saved.json', saved) });
  const all = {
    files: [await write('files.json', files)],
    operatorSettings: { fetcherImage, allowance },
    baseline,
    ...options,
  };
  const lines: string[] = [];
  const result = await diff(
    all,
    (line) => lines.push(line),
    (_, text) => text,
  );
  const short = (text: string) => text.replaceAll(`${folder}/`, '');
  return { code: result.code, text: short(result.text), said: short(lines.join('\n')) };
}

const image = (tag: string) => ({ container: { image: `registry.example/iris:${tag}` } });
const inferenceModel = (name: string, spec: object) => manifest(spec, { name, namespace: 'default' });

/** A model as the cluster has it: itself, its Service, and its Revision with so many pods. */
function running(name: string, spec: object, pods: number): object[] {
  const uid = `uid-of-${name}`;
  const service = synthesize(model({ container: undefined, ...spec }, { name, uid }), environment());
  const { metadata, spec: revision } = service.spec.template;
  return [
    manifest(spec, { name, namespace: 'default', uid }),
    service,
    {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Revision',
      metadata: { ...metadata, namespace: 'default' },
      spec: revision,
      status: { actualReplicas: pods },
    },
  ];
}

const revisionOf = (name: string, spec: object) =>
  synthesize(model(spec, { name }), environment()).spec.template.metadata.name;

test('what an SRE reads before merging', async () => {
  const gpu = { resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { 'nvidia.com/gpu': 1 } } };
  const onnx = (version: string) => ({
    model: { format: 'onnx', uri: `s3://models/rose/${version}`, maxSize: '2Gi' },
    ...gpu,
  });
  const saved = [
    ...running('iris', image('1'), 2),
    ...running('rose', onnx('v1'), 1),
    ...running('tulip', image('1'), 0),
    ...running('daisy', image('1'), 1),
    ...running('lily', image('1'), 3),
  ];
  const files = [
    inferenceModel('iris', { ...image('2'), scale: { minReplicas: 2 } }),
    inferenceModel('rose', onnx('v2')),
    inferenceModel('tulip', { ...image('1'), scale: { minReplicas: 1 } }),
    inferenceModel('daisy', image('1')),
    inferenceModel('violet', image('1')),
    inferenceModel('weed', { ...image('1'), timeouts: { request: '11m' } }),
  ];
  const { text, code } = await diffed({ files, saved, options: { prune: true } });
  expect(code).toBe(2);
  expect(text).toMatchInlineSnapshot(`
    "~ default/iris: another revision, iris-z4s5orarxq -> iris-c34dx2a77b
        metadata.annotations[autoscaling.knative.dev/min-scale]: 2 (new)
        spec.containers[server].image: registry.example/iris:1 -> registry.example/iris:2
        at least 2 pods start, then 2 pods end
        requests 50m CPU more while both run; 50m CPU now
        pulls registry.example/iris:2
    ~ default/rose: another revision, rose-i4523soj2a -> rose-v2gkj2hjho
        spec.containers[server].env[MODEL_URI].value: s3://models/rose/v1 -> s3://models/rose/v2
        spec.containers[fetch].args[6]: s3://models/rose/v1 -> s3://models/rose/v2
        at least 1 pod starts, then 1 pod ends
        requests 575m CPU, 1 nvidia.com/gpu, 1088Mi memory more while both run; 575m CPU, 1 nvidia.com/gpu, 1088Mi memory now
        downloads s3://models/rose/v2, at most 2Gi
    ~ default/tulip: other bounds of scale, and tulip-7xgms576wg stays
        autoscaling.knative.dev/min-scale: 1 (new)
        at least 1 pod starts
        requests 25m CPU more
    + default/violet: new, with revision violet-rihtbfzye4
        at least 1 pod starts
        requests 25m CPU
        pulls registry.example/iris:1
    ! default/weed: refused
        spec.timeouts.request: this cluster allows at most 600s: write that, or raise max-revision-timeout-seconds in ConfigMap knative-serving/config-defaults
    - default/lily: gone, with lily-cft2meoeln
        3 pods end
        frees 75m CPU
    models: 1 new, 2 with another revision, 1 with other bounds of scale, 1 gone, 1 refused, 1 unchanged; at least 5 pods start; 6 pods end; requests 675m CPU, 1 nvidia.com/gpu, 1088Mi memory more until the old ones end
    "
  `);
});

test('what is refused has its name, also a runtime that is there twice', async () => {
  const runtime = { ...(catalogueManifests()[0] as object), metadata: { name: 'mine' } };
  const { text } = await diffed({ files: [runtime, runtime], saved: [] });
  expect(text).toContain(
    'mine: refused\n    files.json, item 2: metadata.name: appears twice: mine, first in files.json, item 1',
  );
});

test.each<[string, Pick<Given, 'files' | 'saved'>, number]>([
  [
    '0 where nothing differs',
    { files: [inferenceModel('iris', image('1'))], saved: running('iris', image('1'), 1) },
    0,
  ],
  [
    '1 where something does',
    { files: [inferenceModel('iris', image('2'))], saved: running('iris', image('1'), 1) },
    1,
  ],
  ['2 where something is refused', { files: [inferenceModel('iris', { x: 1 })], saved: [] }, 2],
])('the exit code is %s', async (_, operatorSettings, code) => {
  expect((await diffed(operatorSettings)).code).toBe(code);
});

test('programs read it as JSON', async () => {
  const operatorSettings = {
    files: [inferenceModel('iris', image('2'))],
    saved: running('iris', image('1'), 2),
  };
  const { text } = await diffed({ ...operatorSettings, options: { output: 'json' } });
  expect(JSON.parse(text)).toMatchObject({
    models: [
      {
        name: 'iris',
        namespace: 'default',
        kind: 'revision',
        revision: revisionOf('iris', image('2')),
        live: revisionOf('iris', image('1')),
        template: [
          {
            path: 'spec.containers[server].image',
            before: 'registry.example/iris:1',
            after: 'registry.example/iris:2',
          },
        ],
        podsStarting: 1,
        podsEnding: 2,
        requested: { cpu: '50m' },
        requestedMore: { cpu: '25m' },
      },
    ],
    totals: { models: { revision: 1, unchanged: 0 }, requestedMore: { cpu: '25m' } },
  });
});

test('models of another commit stand for the Services that they become', async () => {
  const { text, said, code } = await diffed({
    files: [inferenceModel('iris', image('2'))],
    saved: [inferenceModel('iris', image('1'))],
  });
  expect(said).toBe(
    'saved.json: has no Knative Services; its models are taken for what the controller makes of them',
  );
  expect(text).toContain('registry.example/iris:1 -> registry.example/iris:2');
  expect(text).toContain('its pods end, and their number is not known');
  expect(code).toBe(1);
});

test('where no Revision was saved, the status of the model tells of its pods', async () => {
  const [saved, service] = running('iris', image('1'), 0);
  const status = {
    revisions: [{ name: revisionOf('iris', image('1')), percent: 100, ready: true, replicas: 4 }],
  };
  const { text } = await diffed({
    files: [inferenceModel('iris', image('2'))],
    saved: [{ ...saved, status }, service as object],
  });
  expect(text).toContain('at least 1 pod starts, then 4 pods end');
});

test('a model that is refused is not gone', async () => {
  const { text } = await diffed({
    files: [inferenceModel('iris', { x: 1 }), inferenceModel('tulip', image('1'))],
    saved: running('iris', image('1'), 1),
    options: { prune: true },
  });
  expect(text).toContain('! default/iris: refused');
  expect(text).not.toContain('gone');
});

test('files without a model are an error', async () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
  await expect(diffed({ files: [secret], saved: [] })).rejects.toThrow(
    'no InferenceModel of dormouse.dev/v1alpha1',
  );
});
