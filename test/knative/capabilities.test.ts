import { describe, expect, it } from 'vitest';
import { podFields } from '#api/v1alpha1/pod-fields.ts';
import { capabilitiesOf, isOn } from '#knative/capabilities.ts';
import { servingVersionOf } from '#knative/settings.ts';

describe('a flag of Knative', () => {
  const { nodeSelector, secondContainer } = podFields;

  it.each([
    { name: 'that is not set is as shipped: off', text: undefined, enabled: false, notDisabled: false },
    { name: 'that is enabled lets all through', text: 'Enabled', enabled: true, notDisabled: true },
    {
      name: 'that is allowed lets fields through, not what is checked beyond',
      text: 'allowed',
      enabled: false,
      notDisabled: true,
    },
    { name: 'that is disabled lets nothing through', text: 'disabled', enabled: false, notDisabled: false },
    { name: 'of another text is as shipped', text: 'true', enabled: false, notDisabled: false },
  ])('$name', ({ text, enabled, notDisabled }) => {
    const capabilities = capabilitiesOf({
      'config-features': text === undefined ? {} : { [nodeSelector.flag]: text },
    });
    expect(isOn(capabilities, { ...nodeSelector, reading: 'enabled' })).toBe(enabled);
    expect(isOn(capabilities, nodeSelector)).toBe(notDisabled);
  });

  it('that is on as shipped is on until it is turned off', () => {
    expect(isOn(capabilitiesOf(), secondContainer)).toBe(true);
    expect(
      isOn(capabilitiesOf({ 'config-features': { 'multi-container': 'disabled' } }), secondContainer),
    ).toBe(false);
  });
});

it.each([
  { text: '1h30m', seconds: 5400 },
  { text: '600s', seconds: 600 },
  { text: '1500ms', seconds: 1.5 },
  { text: 'soon', seconds: 600 },
  { text: undefined, seconds: 600 },
])('the progress deadline $text is $seconds seconds', ({ text, seconds }) => {
  const data: Record<string, string> = text === undefined ? {} : { 'progress-deadline': text };
  expect(capabilitiesOf({ 'config-deployment': data }).deployment['progress-deadline']).toBe(seconds);
});

it.each([
  { label: '1.21.0', want: 48 },
  { label: 'v1.21.3', want: 48 },
  { label: '0.48.0', want: 48 },
  { label: 'devel', want: undefined },
  { label: undefined, want: undefined },
])('a ConfigMap of the release $label is of version $want of serving', ({ label, want }) => {
  const labels: Record<string, string> = label === undefined ? {} : { 'app.kubernetes.io/version': label };
  expect(servingVersionOf([{ metadata: { name: 'config-features', labels } }])).toBe(want);
});
