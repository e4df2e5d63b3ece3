import { describe, expect, test } from 'vitest';
import { decide, type Situation, type StoredModel, type Verdict } from '#decision/decide.ts';
import type { Write } from '#decision/write.ts';
import type { KnativeServiceObject, RevisionObject } from '#knative/objects.ts';
import { synthesize } from '#synth/synthesize.ts';
import { environment } from '../support/environment.ts';
import { manifest, model } from '../support/models.ts';

const metadata = { namespace: 'default', uid: 'model', generation: 3 };
const image = (tag: string) => ({ container: { image: `registry.example/iris:${tag}` } });
const warm = { ...image('1'), scale: { minReplicas: 1 } };

/** The model as it is stored, with this spec. */
const stored = (spec: object, changed: object = {}) =>
  manifest(spec, { ...metadata, ...changed }) as unknown as StoredModel;
/** What would be made of it by today's operator, on this cluster. */
const desired = (spec: object, settings = {}) => synthesize(model(spec, metadata), environment(settings));
const revisionOf = (spec: object, settings = {}) => desired(spec, settings).spec.template.metadata.name;

/** The Service that an earlier decision of ours made of a spec: what was then written, as the API server keeps it. */
function serviceOf(
  spec: object,
  { generation = 3, uid = 'service', settings = {} } = {},
): KnativeServiceObject {
  const situation = given({ model: stored(spec, { generation }), environment: environment(settings) });
  const [write] = decide(situation).writes;
  if (write?.type !== 'service') throw new Error('nothing was written');
  return { ...write.manifest, metadata: { ...write.manifest.metadata, uid, resourceVersion: '7' } };
}

const liveRevision = (
  spec: object,
  annotations = desired(spec).spec.template.metadata.annotations,
): RevisionObject => ({
  metadata: { name: revisionOf(spec), namespace: 'default', annotations },
});

const given = (changed: Partial<Situation> = {}): Situation => ({
  model: stored(image('1')),
  service: undefined,
  revisions: [],
  environment: environment(),
  ...changed,
});

/** A write in a line: what is done, to which revision or with which annotations, under which precondition. */
function line(write: Write): string {
  if (write.type === 'scale')
    return `scale ${write.revision.metadata.name} ${JSON.stringify(write.annotations).replaceAll('autoscaling.knative.dev/', '')}`;
  const { uid = 'none', resourceVersion } = write.manifest.metadata;
  const at = uid === 'none' || resourceVersion === undefined ? '' : ` at ${resourceVersion}`;
  return `apply ${write.manifest.spec.template.metadata.name} onto ${uid}${at}`;
}

const accepted = (spec: object, updateAvailable = false): Verdict => ({
  type: 'accepted',
  revision: revisionOf(spec),
  updateAvailable,
});

interface Row {
  readonly name: string;
  readonly given: Situation;
  readonly writes: readonly string[];
  readonly verdict: object;
}

const slow = { 'config-defaults': { 'revision-timeout-seconds': '30' } };
const narrow = { 'config-autoscaler': { 'max-scale-limit': '5' } };
const owner = serviceOf(image('1')).metadata.ownerReferences?.[0];
const foreign: KnativeServiceObject = {
  metadata: {
    name: 'iris',
    namespace: 'default',
    managedFields: [{ manager: 'argocd', operation: 'Apply' }],
  },
};

const rows: readonly Row[] = [
  {
    name: 'a new model gets a Service, and only a new one',
    given: given(),
    writes: [`apply ${revisionOf(image('1'))} onto none`],
    verdict: accepted(image('1')),
  },
  {
    name: 'what is as it should be is left alone',
    given: given({ service: serviceOf(image('1')), revisions: [liveRevision(image('1'))] }),
    writes: [],
    verdict: accepted(image('1')),
  },
  {
    name: 'a changed image makes another revision of the very Service that was seen',
    given: given({ model: stored(image('2')), service: serviceOf(image('1')) }),
    writes: [`apply ${revisionOf(image('2'))} onto service at 7`],
    verdict: accepted(image('2')),
  },
  {
    name: 'a change of the Service that restarts nothing may come between other changes of it',
    given: given({
      model: stored({ ...image('1'), access: { visibility: 'Public' } }),
      service: serviceOf(image('1')),
    }),
    writes: [`apply ${revisionOf(image('1'))} onto service`],
    verdict: accepted(image('1')),
  },
  {
    name: 'bounds of scale alone act on the live revision; the Service learns the generation',
    given: given({
      model: stored(warm, { generation: 4 }),
      service: serviceOf(image('1')),
      revisions: [liveRevision(image('1'))],
    }),
    writes: [
      `apply ${revisionOf(image('1'))} onto service`,
      `scale ${revisionOf(image('1'))} {"min-scale":"1"}`,
    ],
    verdict: accepted(image('1')),
  },
  {
    name: 'an older image is taken up again as the revision that there is of it, whatever the bounds were then',
    given: given({
      model: stored(warm, { generation: 5 }),
      service: serviceOf(image('broken')),
      revisions: [liveRevision(image('1')), liveRevision(image('broken'))],
    }),
    writes: [
      `apply ${revisionOf(image('1'))} onto service at 7`,
      `scale ${revisionOf(image('1'))} {"min-scale":"1"}`,
    ],
    verdict: accepted(image('1')),
  },
  {
    name: 'bounds of scale that the cluster does not take are refused of a live revision, too',
    given: given({
      model: stored({ ...image('1'), scale: { maxReplicas: 9 } }, { generation: 4 }),
      service: serviceOf(image('1')),
      revisions: [liveRevision(image('1'))],
      environment: environment(narrow),
    }),
    writes: [],
    verdict: {
      type: 'refused',
      reason: 'NotAllowedByCluster',
      message: expect.stringContaining('spec.scale.maxReplicas: this cluster allows 1 to 5'),
    },
  },
  {
    name: 'bounds that a live revision has stay when the cluster takes less',
    given: given({
      model: stored({ ...image('1'), scale: { maxReplicas: 9 } }),
      service: serviceOf(image('1')),
      revisions: [liveRevision({ ...image('1'), scale: { maxReplicas: 9 } })],
      environment: environment(narrow),
    }),
    writes: [],
    verdict: accepted(image('1')),
  },
  {
    name: 'bounds of scale that are gone from the model go from the live revision',
    given: given({
      service: serviceOf(image('1')),
      revisions: [liveRevision(image('1'), liveRevision(warm).metadata.annotations)],
    }),
    writes: [`scale ${revisionOf(image('1'))} {"min-scale":null}`],
    verdict: accepted(image('1')),
  },
  {
    name: 'a changed default of the cluster restarts nothing; that it could be taken up is said',
    given: given({ service: serviceOf(image('1')), environment: environment(slow) }),
    writes: [],
    verdict: accepted(image('1'), true),
  },
  {
    name: 'a Service that was sent and not answered is sent again as it was, whatever the cluster says now',
    given: given({ unanswered: desired(image('1')), environment: environment(slow) }),
    writes: [`apply ${revisionOf(image('1'))} onto none`],
    verdict: accepted(image('1'), true),
  },
  {
    name: 'a Service of another owner is not touched',
    given: given({ service: foreign }),
    writes: [],
    verdict: { type: 'refused', reason: 'NameTaken', message: expect.stringContaining('managed by argocd') },
  },
  {
    name: 'the Service of a deleted model of this name is waited for',
    given: given({ model: stored(image('1'), { uid: 'newer' }), service: serviceOf(image('1')) }),
    writes: [],
    verdict: {
      type: 'blocked',
      reason: 'ServiceLeftBehind',
      message: expect.stringContaining('is still there'),
    },
  },
  {
    name: 'a model older than the one that was acted on is not acted on',
    given: given({ model: stored(image('1')), service: serviceOf(image('2'), { generation: 4 }) }),
    writes: [],
    verdict: { type: 'stale' },
  },
  {
    name: 'nor one older than what was sent and not answered',
    given: given({
      model: stored(image('1')),
      unanswered: {
        ...desired(image('2')),
        metadata: { ...desired(image('2')).metadata, annotations: { 'dormouse.dev/generation': '4' } },
      },
    }),
    writes: [],
    verdict: { type: 'stale' },
  },
  {
    name: 'a spec that no API server would have taken is refused, and what runs goes on',
    given: given({ model: stored({ container: {} }), service: serviceOf(image('1')) }),
    writes: [],
    verdict: {
      type: 'refused',
      reason: 'InvalidSpec',
      message: expect.stringContaining('spec.container.image'),
    },
  },
  {
    name: 'what the cluster does not allow is refused, and what runs goes on',
    given: given({
      model: stored({ ...image('1'), timeouts: { request: '2h' } }),
      service: serviceOf(image('1')),
    }),
    writes: [],
    verdict: {
      type: 'refused',
      reason: 'NotAllowedByCluster',
      message: expect.stringContaining('at most 600s'),
    },
  },
  {
    name: 'a template that another client changed is put back',
    given: given({ service: { ...serviceOf(image('1')), spec: { ...desired(image('2')).spec } } }),
    writes: [`apply ${revisionOf(image('1'))} onto service at 7`],
    verdict: accepted(image('1')),
  },
];

describe('what to do for a model', () => {
  test.each(rows)('$name', ({ given: situation, writes, verdict }) => {
    const decision = decide(situation);
    expect(decision.writes.map(line)).toEqual(writes);
    expect(decision.verdict).toEqual(verdict);
  });

  test('a Service is taken from no other manager, unless it is known to be of this model', () => {
    const forced = (situation: Situation) =>
      decide(situation).writes.map((write) => write.type === 'service' && write.exists);
    expect(forced(given())).toEqual([false]);
    expect(forced(given({ model: stored(image('2')), service: serviceOf(image('1')) }))).toEqual([true]);
    expect(owner).toMatchObject({ uid: 'model', controller: true });
  });
});
