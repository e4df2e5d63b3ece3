/**
 * Whether `live` has every field of `desired`, with the same value. What else it has belongs to others. Lists must
 * agree item by item.
 */
export function covers(live: unknown, desired: unknown): boolean {
  if (Array.isArray(desired))
    return (
      Array.isArray(live) &&
      live.length === desired.length &&
      desired.every((item, index) => covers(live[index], item))
    );
  if (desired !== null && typeof desired === 'object') {
    if (live === null || typeof live !== 'object') return false;
    return Object.entries(desired).every(
      ([key, value]) => value === undefined || covers((live as Record<string, unknown>)[key], value),
    );
  }
  return live === desired;
}
