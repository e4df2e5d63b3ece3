import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { markerName } from '#base/marker.ts';
import { refused } from './errors.ts';
import { bootId, type Marker, readMarker, replaceFile } from './marker.ts';
import { lockName, partialName } from './paths.ts';

/** Made by the file system itself in a fresh volume. */
const ofTheVolume = ['lost+found'];

/**
 * The folder that a model is fetched into. It may be the root of a volume, which cannot be replaced as a whole: all is
 * gathered in a folder inside it, then each entry is renamed into place, and the marker last.
 */
export class Staging {
  readonly folder: string;
  readonly #partial: string;
  readonly #marker: string;
  readonly #pendingMarker: string;

  constructor(folder: string) {
    this.folder = folder;
    this.#partial = join(folder, partialName);
    this.#marker = join(folder, markerName);
    this.#pendingMarker = join(this.#partial, 'marker.json');
  }

  /** What becomes the content of the folder. */
  get model(): string {
    return join(this.#partial, 'model');
  }

  /** Finished downloads that are not the model yet. */
  get archive(): string {
    return join(this.#partial, 'archive');
  }

  /** Unfinished downloads. */
  get parts(): string {
    return join(this.#partial, 'parts');
  }

  /**
   * Makes the folder ready, which must be there and locked. Gives the marker when the model of this key is there already; a publication that was
   * interrupted is finished first.
   * @throws FetchError when the folder holds something else
   */
  async prepare(key: string, say: (line: string) => void): Promise<Marker | undefined> {
    const pending = await readMarker(this.#pendingMarker);
    if (pending?.key === key && pending.boot === (await bootId())) await this.#publish(pending);
    else if (pending) await this.#remove(pending);
    const marker = await readMarker(this.#marker);
    if (marker?.key === key) {
      if (marker.boot === (await bootId())) {
        await rm(this.#partial, { recursive: true, force: true });
        return marker;
      }
      say(
        'fetched before the machine was started anew, so that the disk may lack some of it: fetching again',
      );
      await this.#remove(marker);
    }
    const others = (await readdir(this.folder)).filter(
      (name) => ![partialName, lockName, ...ofTheVolume].includes(name),
    );
    if (others.length > 0) {
      const held = marker && marker.key !== key ? marker.uri : others.slice(0, 3).join(', ');
      throw refused(
        `${this.folder} already holds ${held}, fetched otherwise: give an empty folder, or empty this one.`,
      );
    }
    return undefined;
  }

  /** Keeps what an interrupted run has left if it followed the same plan and may be resumed; otherwise begins anew. */
  async begin(plan: string, resumable: boolean): Promise<boolean> {
    const path = join(this.#partial, 'plan.json');
    const text = JSON.stringify([await bootId(), plan]);
    const resumed = resumable && (await readFile(path, 'utf8').catch(() => '')) === text;
    if (!resumed) {
      await this.discard();
      await mkdir(this.#partial, { recursive: true });
      await replaceFile(path, text);
    }
    return resumed;
  }

  async discard(): Promise<void> {
    await rm(this.#partial, { recursive: true, force: true });
  }

  /** Puts the model in its place. From the first step on a later run can finish it. */
  async publish(facts: Omit<Marker, 'entries' | 'boot'>): Promise<Marker> {
    const marker = { ...facts, entries: (await readdir(this.model)).sort(), boot: await bootId() };
    await replaceFile(this.#pendingMarker, `${JSON.stringify(marker, undefined, 2)}\n`);
    await this.#publish(marker);
    return marker;
  }

  async #publish({ entries }: Marker): Promise<void> {
    const left = new Set(await readdir(this.model).catch(() => []));
    for (const name of entries.filter((entry) => left.has(entry))) {
      await rename(join(this.model, name), join(this.folder, name));
    }
    await rename(this.#pendingMarker, this.#marker);
    await rm(this.#partial, { recursive: true, force: true });
  }

  /** Takes away what a marker says was put here, the marker first. */
  async #remove({ entries }: Marker): Promise<void> {
    await rm(this.#marker, { force: true });
    for (const name of entries) await rm(join(this.folder, name), { recursive: true, force: true });
    await this.discard();
  }
}
