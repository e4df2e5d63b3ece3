/** The file in a folder that says that the model there is whole: the fetcher writes it, and the server waits for it. */
export const markerName = '.dormouse-complete';
