// How long to wait before another attempt to reach the server.
const firstDelay = 500;
const longestDelay = 15_000;

/** Milliseconds; with jitter, so that not all clients of a restarted server come back in the same moment. */
export const delayBefore = (attempt) => Math.min(longestDelay, firstDelay * 2 ** attempt) * (0.5 + Math.random() / 2);
