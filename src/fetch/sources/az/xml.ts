/** The text of the first element of that name in what Blob Storage sends, which nests none in one of the same name. */
export function element(xml: string, name: string): string | undefined {
  const [, attributes, text] = new RegExp(`<${name}( [^>]*)?>([^<]*)</${name}>`).exec(xml) ?? [];
  if (text === undefined) return undefined;
  const plain = text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (all, decimal, hex, named) =>
    named
      ? (entities[named] ?? all)
      : String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
  );
  // Names with characters that XML cannot have (https://learn.microsoft.com/rest/api/storageservices/list-blobs#remarks).
  return attributes?.includes('Encoded="true"') ? decodeURIComponent(plain) : plain;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
