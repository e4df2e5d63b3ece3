import { lstat, mkdir, readdir, readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { markerName } from '#base/marker.ts';
import { permanent } from './errors.ts';
import { type Marker, readMarker, replaceFile, syncFolder } from './marker.ts';
import { lockName, partialName } from './paths.ts';

/** Made by the file system itself in a fresh volume. */
const namesOfVolumes = ['lost+found'];

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
  async prepare(key: string): Promise<Marker | undefined> {
    await this.#assertNoLinks();
    const pending = await readMarker(this.#pendingMarker);
    if (pending?.key === key) await this.#publish(pending);
    else if (pending) await this.#remove(pending);
    const marker = await readMarker(this.#marker);
    if (marker?.key === key) {
      const there = new Set(await readdir(this.folder));
      if (marker.entries.every((name) => there.has(name))) {
        await this.discard();
        return marker;
      }
      await this.#remove(marker);
    }
    const others = (await readdir(this.folder)).filter(
      (name) => ![partialName, lockName, ...namesOfVolumes].includes(name),
    );
    if (others.length > 0) {
      const held = marker && marker.key !== key ? marker.uri : others.slice(0, 3).join(', ');
      throw permanent(
        `${this.folder} already holds ${held}, fetched otherwise: give an empty folder, or empty this one.`,
      );
    }
    return undefined;
  }

  /**
   * What an interrupted run left is written to, renamed and deleted. It holds no links of ours, and one that came with a
   * folder of another user could lead out of it.
   */
  async #assertNoLinks(): Promise<void> {
    const found = await lstat(this.#partial).catch(() => undefined);
    if (!found) return;
    const entries = found.isDirectory()
      ? await readdir(this.#partial, { recursive: true, withFileTypes: true })
      : [];
    if (!found.isDirectory() || entries.some((entry) => !entry.isDirectory() && !entry.isFile()))
      throw permanent(`${this.#partial} is not from an interrupted fetch, or holds links: remove it.`);
  }

  /** Keeps what an interrupted run has left if it followed the same plan and may be resumed; otherwise begins anew. */
  async begin(plan: string, resumable: boolean): Promise<boolean> {
    const path = join(this.#partial, 'plan.json');
    const resumed = resumable && (await readFile(path, 'utf8').catch(() => '')) === plan;
    if (!resumed) {
      await this.discard();
      await mkdir(this.#partial, { recursive: true });
      await replaceFile(path, plan);
    }
    return resumed;
  }

  /** Notes in the time of the marker that its model was asked for, by which a cache knows what nothing uses. */
  async touch(now: number): Promise<void> {
    // The folder may be one that this user only reads.
    await utimes(this.#marker, now / 1000, now / 1000).catch(() => undefined);
  }

  async discard(): Promise<void> {
    await rm(this.#partial, { recursive: true, force: true });
  }

  /** Puts the model in its place. From the first step on a later run can finish it. */
  async publish(facts: Omit<Marker, 'entries'>): Promise<Marker> {
    const marker = { ...facts, entries: (await readdir(this.model)).sort() };
    await this.#syncFolders();
    await replaceFile(this.#pendingMarker, `${JSON.stringify(marker, undefined, 2)}\n`);
    await this.#publish(marker);
    return marker;
  }

  async #publish({ entries }: Marker): Promise<void> {
    const left = new Set(await readdir(this.model).catch(() => []));
    for (const name of entries.filter((entry) => left.has(entry))) {
      await rename(join(this.model, name), join(this.folder, name));
    }
    // The marker says that all is there: it must not be kept without what it speaks of.
    await syncFolder(this.folder);
    await rename(this.#pendingMarker, this.#marker);
    await syncFolder(this.folder);
    await this.discard();
  }

  /** Files are synced as they are completed; their names are not. */
  async #syncFolders(): Promise<void> {
    const entries = await readdir(this.model, { recursive: true, withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory());
    for (const { parentPath, name } of folders) await syncFolder(join(parentPath, name));
    await syncFolder(this.model);
  }

  /** Takes away what a marker says was put here, the marker first. */
  async #remove({ entries }: Marker): Promise<void> {
    await rm(this.#marker, { force: true });
    for (const name of entries) await rm(join(this.folder, name), { recursive: true, force: true });
    await this.discard();
  }
}
