import fc from 'fast-check';
import { expect, it } from 'vitest';
import { manifest } from '../../support/models.ts';
import { problems } from '../problems.ts';

const container = { image: 'registry.example/iris:1' };

it.each<[unknown, string]>([
  [{ container, modl: {} }, 'spec: there is no field modl: did you mean model?'],
  [{ container, Scale: {} }, 'spec: there is no field Scale: did you mean scale?'],
  [
    { container, scale: { minReplica: 1, maxReplica: 2 } },
    'spec.scale: there is no field minReplica: did you mean minReplicas?; there is no field maxReplica: did you mean maxReplicas?',
  ],
  [{ container, access: { public: true } }, 'spec.access: there is no field public: write visibility'],
  [{ container, 'a b\n': 1 }, 'spec: there is no field "a b\\n": write model, runtime, container, '],
  [{ container: {} }, 'spec.container.image: is missing'],
  [{ container, scale: { minReplicas: -1 } }, 'spec.scale.minReplicas: must be 0 or more'],
  [{ container: { ...container, port: 65_536 } }, 'spec.container.port: must be 65535 or less'],
  [{ container, scale: { minReplicas: 1.5 } }, 'spec.scale.minReplicas: must be a whole number'],
  [{ container, scale: { minReplicas: '1' } }, 'spec.scale.minReplicas: must be a number, without quotes'],
  [{ container, scale: { minReplicas: 'one' } }, 'spec.scale.minReplicas: must be a number'],
  [{ container: { ...container, args: '-v' } }, 'spec.container.args: must be a list, of which each item'],
  [
    { container: { ...container, args: Array.from({ length: 257 }, () => 'a') } },
    'spec.container.args: must have at most 256 items',
  ],
  [
    { container: { ...container, env: [{ name: 'A', value: 1 }] } },
    'spec.container.env[0].value: must be text: put it in quotes',
  ],
  [
    { container: { ...container, env: ['A=1'] } },
    'spec.container.env[0]: must be a mapping, such as "name: value"',
  ],
  [{ container: { image: {} } }, 'spec.container.image: must be text'],
  [{ container: { image: 'x'.repeat(256) } }, 'spec.container.image: must have at most 255 characters'],
  [{ container, access: { visibility: 'all' } }, 'spec.access.visibility: must be ClusterLocal or Public'],
  [
    { container: { ...container, securityContext: { runAsNonRoot: 'yes' } } },
    'spec.container.securityContext.runAsNonRoot: must be true or false',
  ],
  ['text', 'spec: must be a mapping, such as "name: value"'],
])('of %j, it is said what to write', (spec, sentence) => {
  expect(problems(manifest(spec as object))).toEqual([expect.stringContaining(sentence)]);
});

it('nothing is said in the words of the library', () => {
  const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<object>;
  const spec = fc.record(
    {
      model: json,
      container: json,
      scale: fc.record({ min: json, target: json }),
      access: json,
      timeouts: json,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(spec, (written) => {
      for (const sentence of problems(manifest(written as object)))
        expect(sentence).not.toMatch(/Invalid|expected|received|Unrecognized|Too (small|big)/);
    }),
  );
});
