import { describe, expect, it } from 'vitest';
import { capabilitiesOf, isOn } from '#knative/capabilities.ts';

describe('a flag of Knative', () => {
  const flag = 'kubernetes.podspec-nodeselector';

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
    const capabilities = capabilitiesOf({ 'config-features': text === undefined ? {} : { [flag]: text } });
    expect(isOn(capabilities, flag)).toBe(enabled);
    expect(isOn(capabilities, flag, 'not-disabled')).toBe(notDisabled);
  });

  it('that is on as shipped is on until it is turned off', () => {
    expect(isOn(capabilitiesOf(), 'multi-container')).toBe(true);
    expect(
      isOn(capabilitiesOf({ 'config-features': { 'multi-container': 'disabled' } }), 'multi-container'),
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
