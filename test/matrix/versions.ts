/** Minor versions that are tested together; what is left out is what `npm test` has. */
export interface Versions {
  readonly kubernetes?: string;
  readonly knative?: string;
}

/** The oldest and the newest of each, beside what `npm test` runs with: each has a Go module below test/cluster/go. */
export const matrix: readonly Versions[] = [
  { kubernetes: '1.33' },
  { kubernetes: '1.37' },
  { knative: '0.50' },
  { kubernetes: '1.37', knative: '0.50' },
];

/** Of a version such as `v1.34.4`, `1.34`. */
export const minorOf = (version: string): string => /^v(\d+\.\d+)/.exec(version)?.[1] ?? version;
