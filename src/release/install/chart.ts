import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { ServiceAccount } from 'cdk8s-plus-27';
import { Document, isScalar, type Pair, parseDocument, stringify, visit } from 'yaml';
import { customResourceDefinitions } from '#api/v1alpha1/crd.ts';
import { version } from '#base/version.ts';
import { catalogueManifests } from '#catalogue/catalogue.ts';
import { grantRights, rightsName } from './rights.ts';
import { aggregateRoles, predictName, runtimesView } from './roles.ts';
import { defaultValues, valuesJsonSchema } from './values.ts';

const style = { lineWidth: 0, flowCollectionPadding: false } as const;

/** The Helm chart, from the root of the repository. */
export const chartFolder = 'charts/dormouse';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly object[];
}

/**
 * What the chart has from data, by the paths of the files in it: CRDs, runtimes and rights, which its templates read,
 * its values and its version.
 */
export function chartFiles(folder = chartFolder): Record<string, string> {
  const named = (manifests: readonly unknown[], into: string) =>
    (manifests as Manifest[]).map((manifest): [string, string] => [
      `files/${into}/${manifest.metadata.name}.yaml`,
      stringify(manifest, { lineWidth: 0 }),
    ]);
  return {
    'Chart.yaml': released(readFileSync(join(folder, 'Chart.yaml'), 'utf8')),
    'values.yaml': valuesYaml(),
    'values.schema.json': `${JSON.stringify(valuesJsonSchema(), null, 2)}\n`,
    'files/rights.yaml': stringify(rights()),
    ...Object.fromEntries(named(customResourceDefinitions(), 'crds')),
    ...Object.fromEntries(named(catalogueManifests(), 'runtimes')),
  };
}

/** The rules of each role: those of an operator for all namespaces are `cluster` and `models` together. */
function rights(): Record<string, readonly object[]> {
  const chart = new Chart(new App(), 'rights', { disableResourceNameHashes: true });
  const home = 'some';
  const name = rightsName(home);
  const operator = new ServiceAccount(chart, 'account');
  grantRights(chart, { home, operator, namespaces: ['some'] });
  aggregateRoles(chart);
  const roles = (chart.toJson() as Manifest[]).filter(({ rules }) => rules);
  const rulesOf = (name: string) => {
    const role = roles.find(({ metadata }) => metadata.name === name);
    return (role?.rules ?? []).map(withoutEmpty);
  };
  return {
    cluster: rulesOf(name),
    models: rulesOf(`${name}:models`),
    settings: rulesOf(`${name}:settings`),
    lease: rulesOf(`${name}:lease`),
    view: rulesOf('dormouse-view'),
    edit: rulesOf('dormouse-edit'),
    predict: rulesOf(predictName),
    runtimes: rulesOf(runtimesView),
  };
}

/** Without the empty list of names that cdk8s-plus-27 writes for "all". */
const withoutEmpty = (rule: object): object =>
  Object.fromEntries(Object.entries(rule).filter(([, value]) => (value as unknown[]).length > 0));

function released(chartYaml: string): string {
  const document = parseDocument(chartYaml);
  document.set('version', version);
  document.set('appVersion', version);
  return document.toString(style);
}

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
}

/** values.yaml: the defaults, each with its description above it. */
function valuesYaml(): string {
  const document = new Document(defaultValues);
  const schema = valuesJsonSchema() as Described;
  visit(document, {
    Pair(_, pair, path) {
      const keys = [...path, pair].flatMap((node) => keyOf(node));
      const found = keys.reduce<Described | undefined>((below, key) => below?.properties?.[key], schema);
      if (!isScalar(pair.key)) return;
      if (found?.description) pair.key.commentBefore = ` ${found.description}`;
      pair.key.spaceBefore = keys.length === 1;
    },
  });
  document.commentBefore = ' Made by npm run generate, with values.schema.json and the table of README.md.';
  return document.toString(style);
}

const keyOf = (node: unknown): string[] => {
  const key = (node as Pair).key;
  return isScalar(key) ? [String(key.value)] : [];
};

export interface ValueRow {
  /** Such as `image.tag`. */
  readonly path: string;
  readonly default: unknown;
  readonly description: string;
}

/** Each value that can be set, as it stands in values.yaml. */
export function valueRows(): ValueRow[] {
  const rows = (schema: Described, value: unknown, path: readonly string[]): ValueRow[] =>
    schema.description === undefined
      ? Object.entries(schema.properties ?? {}).flatMap(([key, below]) =>
          rows(below, (value as Record<string, unknown> | undefined)?.[key], [...path, key]),
        )
      : [{ path: path.join('.'), default: value, description: schema.description }];
  return rows(valuesJsonSchema() as Described, defaultValues, []);
}
