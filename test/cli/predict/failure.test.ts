import { describe, expect, it } from 'vitest';
import { noAnswerText, serverError } from '#cli/predict/failure.ts';
import { phaseOf } from '#cli/predict/waking.ts';
import type { PodObject } from '#knative/objects.ts';

const traceback = 'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: X has 2 features\n';

it.each([
  {
    name: 'a traceback of MLServer',
    given: JSON.stringify({ error: traceback }),
    cause: 'ValueError: X has 2 features',
    details: 2,
  },
  { name: 'FastAPI', given: '{"detail": "not found"}', cause: 'not found', details: 0 },
  { name: 'OpenAI', given: '{"error": {"message": "no such model"}}', cause: 'no such model', details: 0 },
  { name: 'text', given: 'upstream connect error', cause: 'upstream connect error', details: 0 },
  { name: 'JSON without a message', given: '{"a": 1}', cause: '{"a": 1}', details: 0 },
  { name: 'nothing', given: '', cause: 'the answer is empty', details: 0 },
])('the last line of an error is its cause: $name', ({ given, cause, details }) => {
  const error = serverError(given);
  expect({ cause: error.cause, details: error.details.length }).toEqual({ cause, details });
});

it('no answer says the cause that status knows, what it means, and where there is more', () => {
  const what = 'no answer at http://iris within 600 s';
  expect(noAnswerText('iris', { what })).toBe(`iris: ${what}; see "dormouse status iris"`);
  expect(noAnswerText('iris', { what, cause: 's3://models/gone: there is no such object.' })).toBe(
    `iris: ${what}: s3://models/gone: there is no such object; see "dormouse status iris"`,
  );
  expect(noAnswerText('iris', { what, cause: 'EOFError' })).toContain('EOFError; the file is empty');
});

describe('what a model that wakes is waiting for', () => {
  const scheduled = { type: 'PodScheduled', status: 'True' } as const;
  const pod = (status: PodObject['status'], more: object = {}): PodObject => ({
    metadata: { name: 'iris-pod', ...more },
    status: { conditions: [scheduled], ...status },
  });
  const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };

  it.each([
    { given: [], want: 'waiting for a pod' },
    {
      given: [pod({ conditions: [{ type: 'Ready', status: 'True' }] })],
      want: 'its pod is ready; waiting for the answer',
    },
    {
      given: [pod({ conditions: [{ type: 'Ready', status: 'True' }] }, { deletionTimestamp: 'x' })],
      want: 'waiting for a pod',
    },
    {
      given: [pod({ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes' }] })],
      want: 'waiting for a node: 0/1 nodes',
    },
    {
      given: [
        pod({ containerStatuses: [{ name: 'server', state: { waiting: { reason: 'ContainerCreating' } } }] }),
      ],
      want: 'its containers start',
    },
    {
      given: [
        pod({
          containerStatuses: [
            { name: 'server', state: { waiting: {} } },
            { name: 'fetch', state: running },
          ],
        }),
      ],
      want: 'fetching the model',
    },
    {
      given: [
        pod({ containerStatuses: [{ name: 'server', state: { waiting: { reason: 'ImagePullBackOff' } } }] }),
      ],
      want: 'container server: ImagePullBackOff',
    },
    {
      given: [pod({ containerStatuses: [{ name: 'server', state: running }] })],
      want: 'its server loads the model',
    },
  ])('$want', ({ given, want }) => {
    expect(phaseOf(given)).toBe(want);
  });
});
