const newline = 0x0a;

/**
 * Splits a byte stream into lines. Bytes are decoded a whole line at a time, so a chunk may end inside a character.
 * What follows the last newline is a line cut short and is dropped.
 *
 * @throws if a line is longer than `maxBytes`.
 */
export async function* lines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts);
      if (line.length > maxBytes) throw tooLong(maxBytes);
      parts = [];
      length = 0;
      start = end + 1;
      if (line.length > 0) yield line.toString('utf8');
    }
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > maxBytes) throw tooLong(maxBytes);
  }
}

function tooLong(maxBytes: number): Error {
  return new Error(`the server sent a line of more than ${maxBytes} bytes`);
}
