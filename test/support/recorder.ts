import type { Writer } from '#kube/client/client.ts';
import type { GroupVersionResource, KubernetesObject } from '#kube/client/objects.ts';

export interface RecordedWrite {
  readonly verb: 'create' | 'apply' | 'applyStatus' | 'patch' | 'delete';
  readonly resource: string;
  readonly object: KubernetesObject;
}

/**
 * An API server that takes every write, answers with the next resourceVersion, and keeps a record. A test may have it
 * refuse by `fails`.
 */
export class Recorder implements Writer {
  readonly writes: RecordedWrite[] = [];
  #version = 100;
  readonly #fails: (write: RecordedWrite) => Error | undefined;

  constructor(fails: (write: RecordedWrite) => Error | undefined = () => undefined) {
    this.#fails = fails;
  }

  get verbs(): string[] {
    return this.writes.map(({ verb, resource }) => `${verb} ${resource}`);
  }

  create = <T extends KubernetesObject>(resource: GroupVersionResource, object: T): Promise<T> =>
    this.#record('create', resource, object);

  apply = <T extends KubernetesObject>(resource: GroupVersionResource, object: T): Promise<T> =>
    this.#record('apply', resource, object);

  applyStatus = <T extends KubernetesObject>(resource: GroupVersionResource, object: T): Promise<T> =>
    this.#record('applyStatus', resource, object);

  patch = <T extends KubernetesObject>(
    resource: GroupVersionResource,
    name: { name: string; namespace?: string },
    patch: object,
  ): Promise<T> =>
    this.#record('patch', resource, { ...patch, metadata: { ...name, ...(patch as T).metadata } } as T);

  delete = async (
    resource: GroupVersionResource,
    name: { name: string; namespace?: string },
  ): Promise<void> => {
    await this.#record('delete', resource, { metadata: name });
  };

  async #record<T extends KubernetesObject>(
    verb: RecordedWrite['verb'],
    { plural }: GroupVersionResource,
    object: T,
  ): Promise<T> {
    const write = { verb, resource: plural, object };
    this.writes.push(write);
    const error = this.#fails(write);
    if (error) throw error;
    this.#version += 1;
    const metadata = {
      ...object.metadata,
      uid: object.metadata.uid ?? `uid-${this.#version}`,
      resourceVersion: String(this.#version),
    };
    return { ...object, metadata };
  }
}
