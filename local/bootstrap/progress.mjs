/** Steps that a person can follow: what is being done, for how long, and how it ended. */

/** @param {number} ms */
const seconds = (ms) => (ms < 9_950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`);

/**
 * @param {() => void} tick
 * @param {number} everyMs
 */
function systemTimer(tick, everyMs) {
  const timer = setInterval(tick, everyMs);
  return () => clearInterval(timer);
}

/** @type {typeof import('./progress.d.mts').progress} */
export function progress({
  stream = process.stderr,
  now = () => performance.now(),
  every = systemTimer,
} = {}) {
  const live = stream.isTTY === true;
  const colour = live && !process.env['NO_COLOR'];
  /** @param {number} code @param {string} text */
  const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[39m` : text);
  /** @type {(() => string) | undefined} */
  let current;

  /** Rewrites the line at the cursor, cut so that it stays one line. */
  const draw = () => {
    if (live && current)
      stream.write(`\r\u001b[2K${current().slice(0, (stream.columns ?? 80) - 1)}`);
  };
  /** @param {string} text */
  const line = (text) => {
    stream.write(`${live && current ? '\r\u001b[2K' : ''}${text}\n`);
    draw();
  };

  return {
    line,
    async run(name, work) {
      const startedMs = now();
      const elapsed = () => seconds(now() - startedMs);
      let detail = '';
      const outer = current;
      current = () => `${name}… ${elapsed()}${detail && ` · ${detail}`}`;
      draw();
      const stop = every(() => (live ? draw() : current && line(current())), live ? 100 : 10_000);
      /** @param {string} sign */
      const ended = (sign) => {
        stop();
        const text = `${sign} ${name} · ${elapsed()}${detail && ` · ${detail}`}`;
        if (live) stream.write('\r\u001b[2K');
        current = undefined;
        line(text);
        current = outer;
        draw();
      };
      try {
        const result = await work((text) => {
          detail = text;
          draw();
        });
        ended(paint(32, '✓'));
        return result;
      } catch (error) {
        [detail = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
        ended(paint(31, '✗'));
        throw error;
      }
    },
  };
}
