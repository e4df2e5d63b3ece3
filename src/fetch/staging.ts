import { lstat, mkdir, readdir, readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { markerName } from '#base/marker.ts';
import { permanent } from './errors.ts';
import { type Marker, readMarker, replaceFile, syncFolder } from './marker.ts';
import { lockName, partialName } from './paths.ts';

/** Made by the file system itself in a fresh volume. */
const namesOfVolumes = ['lost+found'];

export interface Look {
  /** Of a model that is complete. */
  readonly marker: Marker | undefined;
  /** Where there is something of an interrupted run. */
  readonly partial: string | undefined;
  /** Names of what no fetch has left. */
  readonly others: readonly string[];
}

/**
 * The folder that a model is fetched into. It may be the root of a volume, which cannot be replaced as a whole: all is
 * gathered in a folder inside it, then each entry is renamed into place, and the marker last.
 */
export class Staging {
  readonly folder: string;
  readonly #partial: string;
  readonly #marker: string;
  readonly #pendingMarker: string;
  /** What was a marker, while that of which it speaks is taken away. */
  readonly #removedMarker: string;

  constructor(folder: string) {
    this.folder = folder;
    this.#partial = join(folder, partialName);
    this.#marker = join(folder, markerName);
    this.#pendingMarker = join(this.#partial, 'marker.json');
    this.#removedMarker = join(this.#partial, 'removed.json');
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

  /** What is in the folder, without following any link. */
  async look(): Promise<Look> {
    const found = await readdir(this.folder, { withFileTypes: true });
    const partial = found.some((entry) => entry.name === partialName && entry.isDirectory());
    const marker = await readMarker(this.#marker);
    const interrupted = partial
      ? await Promise.all([this.#pendingMarker, this.#removedMarker].map(readMarker))
      : [];
    const ours = new Set([
      lockName,
      ...namesOfVolumes,
      ...(partial ? [partialName] : []),
      ...(marker ? [markerName] : []),
      ...[marker, ...interrupted].flatMap((each) => each?.entries ?? []),
    ]);
    return {
      marker,
      partial: partial ? this.#partial : undefined,
      others: found.map(({ name }) => name).filter((name) => !ours.has(name)),
    };
  }

  /**
   * Makes the folder ready, which must be there and locked. Gives the marker when the model of this key is there already; a publication that was
   * interrupted is finished first, as is a removal.
   * @throws FetchError when the folder holds something else
   */
  async prepare(key: string): Promise<Marker | undefined> {
    await this.#assertNoLinks();
    await this.#finishRemoval();
    const pending = await readMarker(this.#pendingMarker);
    if (pending?.key === key) await this.#publish(pending);
    else if (pending) await this.#remove(this.#pendingMarker);
    const marker = await readMarker(this.#marker);
    if (marker?.key === key) {
      const there = new Set(await readdir(this.folder));
      if (marker.entries.every((name) => there.has(name))) {
        await this.discard();
        return marker;
      }
      await this.#remove(this.#marker);
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

  /**
   * Takes all away that was fetched into the folder, which must be locked.
   * @throws FetchError when it holds links where none of ours are
   */
  async evict(): Promise<void> {
    await this.#assertNoLinks();
    await this.#finishRemoval();
    for (const path of [this.#pendingMarker, this.#marker])
      if (await readMarker(path)) await this.#remove(path);
    await this.discard();
  }

  /** Takes away what a marker says was put here: the marker first, and where this is interrupted a later run goes on. */
  async #remove(marker: string): Promise<void> {
    await mkdir(this.#partial, { recursive: true });
    await rename(marker, this.#removedMarker);
    await syncFolder(this.#partial);
    await syncFolder(this.folder);
    await this.#finishRemoval();
  }

  async #finishRemoval(): Promise<void> {
    const removed = await readMarker(this.#removedMarker);
    if (!removed) return;
    for (const name of removed.entries) await rm(join(this.folder, name), { recursive: true, force: true });
    await this.discard();
  }
}
