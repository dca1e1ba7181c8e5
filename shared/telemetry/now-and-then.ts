/** For events of which one tells as much as a thousand: true at most once in so many milliseconds. */
export function nowAndThen(everyMs: number, now: () => number): () => boolean {
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = now();
    // Told in the future: the clock was set back since.
    if (nowMs >= lastMs && nowMs < lastMs + everyMs) return false;
    lastMs = nowMs;
    return true;
  };
}
