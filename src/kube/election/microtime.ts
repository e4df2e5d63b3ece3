/** A metav1.MicroTime, of milliseconds since the Unix epoch: the API server takes exactly six digits of a second. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
