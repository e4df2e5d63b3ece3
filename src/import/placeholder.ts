/** A value of the object's metadata in the text of a runtime, as KServe has it (Go's text/template). */
const placeholder = /\{\{-?\s*\.(Name|Namespace|Labels|Annotations)(?:\.([-\w]+))?\s*-?\}\}/g;

/** What KServe fills in for a model. */
export interface Filling {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The text for one model; undefined if something is asked for that the model does not say. */
export function filled(text: string, { name, namespace, labels, annotations }: Filling): string | undefined {
  const values = {
    Name: () => name,
    Namespace: () => namespace,
    Labels: of(labels),
    Annotations: of(annotations),
  };
  let isWhole = true;
  const result = text.replaceAll(placeholder, (_, kind: keyof typeof values, key: string | undefined) => {
    const value = values[kind](key ?? '');
    isWhole &&= value !== undefined;
    return value ?? '';
  });
  return isWhole && !result.includes('{{') ? result : undefined;
}

/** The text for any model, of which the name alone is known; undefined if more is asked for. */
export const filledForAny = (text: string): string | undefined =>
  filled(text, { name: '$(MODEL_NAME)', labels: {}, annotations: {} });

const of = (map: Readonly<Record<string, string>>) => (key: string) =>
  Object.hasOwn(map, key) ? map[key] : undefined;
