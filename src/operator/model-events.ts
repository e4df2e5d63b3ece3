import type { ModelEvent } from '#status/events.ts';

export const serviceEvent = (done: 'created' | 'changed', revision: string): ModelEvent => ({
  type: 'Normal',
  reason: done === 'created' ? 'Created' : 'Updated',
  action: 'Apply',
  note: `${done} the Knative Service, with revision ${revision}`,
});

export const scaleEvent = (revision: string): ModelEvent => ({
  type: 'Normal',
  reason: 'ScaleChanged',
  action: 'Apply',
  note: `changed the bounds of scale of the live revision ${revision}`,
});
