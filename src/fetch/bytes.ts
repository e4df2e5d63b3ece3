const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** An amount for people: `1.5 GiB`. */
export function shownBytes(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`;
}
