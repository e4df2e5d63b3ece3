import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { type FetchError, permanent } from './errors.ts';

const decoders = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** The endings of files that are compressed themselves: for them servers send the same header for the file as it is. */
const ownEndings: Readonly<Record<keyof typeof decoders, RegExp>> = {
  gzip: /\.(gz|tgz)$/i,
  'x-gzip': /\.(gz|tgz)$/i,
  deflate: /\.(zz|zlib)$/i,
  br: /\.br$/i,
  zstd: /\.(zst|tzst)$/i,
};

const isKnown = (coding: string): coding is keyof typeof decoders => coding in decoders;

/**
 * The codings of a `Content-Encoding` header that hide the file itself. Servers send them without being asked: for files
 * that lie there compressed already, or with the metadata that an uploader guessed. Apache's mod_mime and Python's
 * mimetypes call a `model.tar.gz` a tar that is gzip-coded; that one is taken as it is. `aws-chunked` is no coding of
 * the content, and some servers keep it (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html).
 */
export function codingsOf(header: unknown, fileName: string): string[] {
  return String(header ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => !['', 'identity', 'aws-chunked'].includes(coding))
    .filter((coding) => !(isKnown(coding) && ownEndings[coding].test(fileName)));
}

/**
 * The bytes of the file behind its codings.
 * @throws FetchError where a coding is unknown
 */
export function decoded(body: Readable, codings: readonly string[], where: string): Readable {
  return codings.reduceRight<Readable>((stream, coding) => {
    if (!isKnown(coding)) {
      body.on('error', () => {}).destroy();
      throw encoded(where, coding);
    }
    const decoder = decoders[coding]();
    stream.on('error', (error) => decoder.destroy(error));
    decoder.on('close', () => stream.on('error', () => {}).destroy());
    return stream.pipe(decoder);
  }, body);
}

/**
 * The bytes of the file in an answer with this `Content-Encoding`. A part of what is coded says nothing of the file.
 * @throws FetchError where it is coded and came in part, or a coding is unknown
 */
export function contentOf(
  body: Readable,
  header: unknown,
  { name, where, isPart }: { readonly name: string; readonly where: string; readonly isPart: boolean },
): Readable {
  const codings = codingsOf(header, name);
  if (!isPart || codings.length === 0) return decoded(body, codings, where);
  body.on('error', () => {}).destroy();
  throw encoded(where, codings.join(', '));
}

/** A file that cannot be taken for its coding. */
export const encoded = (where: string, codings: string): FetchError =>
  permanent(`${where}: it comes with "Content-Encoding: ${codings}": store it without.`);
