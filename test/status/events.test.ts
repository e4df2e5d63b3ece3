import { expect, test } from 'vitest';
import type { ConditionType } from '#api/v1alpha1/conditions.ts';
import type { InferenceModelStatus } from '#api/v1alpha1/status.ts';
import { statusEvents } from '#status/events.ts';

type Verdicts = Partial<Record<ConditionType, readonly ['True' | 'False' | 'Unknown', string?, string?]>>;

const status = (verdicts: Verdicts): InferenceModelStatus => ({
  conditions: Object.entries(verdicts).map(([type, [value, reason = 'Any', message = 'words']]) => ({
    type,
    status: value,
    reason,
    message,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })),
});

const starting: Verdicts = { Ready: ['False', 'RevisionStarting'], Available: ['False'], Accepted: ['True'] };
const serving: Verdicts = {
  Ready: ['True', 'Serving', 'revision iris-1 serves'],
  Available: ['True', 'Serving'],
  Accepted: ['True'],
};
const refused: Verdicts = {
  Ready: ['False', 'NotAllowedByCluster', 'at most 600s'],
  Available: ['False'],
  Accepted: ['False', 'NotAllowedByCluster', 'at most 600s'],
  Stalled: ['True', 'NotAllowedByCluster', 'at most 600s'],
};
const failed: Verdicts = {
  ...starting,
  Ready: ['False', 'ErrImagePull', 'no such image'],
  Stalled: ['True', 'ErrImagePull', 'no such image'],
};

test.each<[string, Verdicts | undefined, Verdicts, readonly string[]]>([
  ['a new model starts', undefined, starting, []],
  ['it becomes ready', starting, serving, ['Normal Ready: revision iris-1 serves']],
  ['nothing changes', serving, serving, []],
  [
    'a revision replaces another',
    serving,
    { ...serving, Ready: ['True', 'Serving', 'revision iris-2 serves'] },
    [],
  ],
  ['it is refused', starting, refused, ['Warning Refused: NotAllowedByCluster: at most 600s']],
  ['a new one is refused', undefined, refused, ['Warning Refused: NotAllowedByCluster: at most 600s']],
  [
    'it is refused for another reason',
    refused,
    { ...refused, Accepted: ['False', 'NameTaken', 'exists'], Stalled: ['True', 'NameTaken', 'exists'] },
    ['Warning Refused: NameTaken: exists'],
  ],
  ['a revision fails', starting, failed, ['Warning RolloutFailed: ErrImagePull: no such image']],
  [
    'the words of a failure change',
    failed,
    { ...failed, Stalled: ['True', 'ErrImagePull', 'no such image, tried twice'] },
    [],
  ],
  [
    'a newer revision fails while the old one serves',
    serving,
    { ...serving, Ready: ['False', 'Crash', 'code 1'], Stalled: ['True', 'Crash', 'code 1'] },
    ['Warning RolloutFailed: Crash: code 1'],
  ],
  [
    'what served stops',
    serving,
    { ...starting, Available: ['False', 'RevisionNotReady', 'revision iris-1 is not ready'] },
    ['Warning Unavailable: RevisionNotReady: revision iris-1 is not ready'],
  ],
  [
    'the API server refuses a write',
    starting,
    { ...starting, Reconciling: ['True', 'ApplyFailed', 'quota'] },
    ['Warning ApplyFailed: quota'],
  ],
])('%s', (_, before, after, expected) => {
  const events = statusEvents(before && status(before), status(after));
  expect(events.map(({ type, reason, note }) => `${type} ${reason}: ${note}`)).toEqual(expected);
});
