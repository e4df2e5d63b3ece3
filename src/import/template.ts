/** A value of the object's metadata in the text of a runtime, as KServe has it (Go's text/template). */
const placeholder = /\{\{-?\s*\.(Name|Namespace|Labels|Annotations)(?:\.([-\w]+))?\s*-?\}\}/g;

/** What KServe fills in for a model. */
export interface TemplateValues {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The text for one model; undefined if something is request for that the model does not say. */
export function expand(
  text: string,
  { name, namespace, labels, annotations }: TemplateValues,
): string | undefined {
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

/** The text for any model, of which the name alone is known; undefined if more is request for. */
export const expandForAny = (text: string): string | undefined =>
  expand(text, { name: '$(MODEL_NAME)', labels: {}, annotations: {} });

const of = (map: Readonly<Record<string, string>>) => (key: string) =>
  Object.hasOwn(map, key) ? map[key] : undefined;
