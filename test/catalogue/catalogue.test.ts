import { expect, it } from 'vitest';
import { catalogue } from '#catalogue/catalogue.ts';
import { testedRuntimes } from '../support/tested.ts';

it('the catalogue calls tested what is run end to end, and nothing else', () => {
  const tested = catalogue().filter(({ spec }) => spec.maturity === 'Tested');
  expect(tested.map(({ name }) => name)).toEqual(testedRuntimes);
});

it('every runtime says how it is started and when it is ready', () => {
  for (const { name, spec } of catalogue()) {
    expect(spec.container.command, name).toBeDefined();
    expect(spec.container.protocol ?? spec.container.readiness, name).toBeDefined();
  }
});

it('a runtime whose server has metrics says on which of its ports', () => {
  const scraped = catalogue().filter(
    ({ spec }) => spec.pod?.annotations?.['prometheus.io/scrape'] === 'true',
  );
  expect(scraped.map(({ name }) => name)).toContain('vllm');
  for (const { name, spec } of scraped) {
    const { port = 8080, command, args, env } = spec.container;
    const asked = spec.pod?.annotations?.['prometheus.io/port'] ?? '';
    expect(spec.pod?.annotations?.['prometheus.io/path'], name).toBe('/metrics');
    expect([String(port), JSON.stringify({ command, args, env })].join(), name).toContain(asked);
  }
});
