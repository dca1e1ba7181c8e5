/** `console` as the managed runtime prints it: fields with tabs between, or one JSON object a line. */
import { format } from 'node:util';

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

const methods = /** @type {const} */ ({
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
});

/**
 * @param {object} options
 * @param {boolean} options.json
 * @param {string} options.level The least that is printed as JSON; text has no level.
 * @param {() => string | undefined} options.requestId
 */
export function replaceConsole({ json, level, requestId }) {
  const least = json ? Math.max(0, levels.indexOf(level.toUpperCase())) : 0;
  for (const [method, name] of Object.entries(methods)) {
    if (levels.indexOf(name) < least) Object.assign(console, { [method]: () => {} });
    else
      Object.assign(console, {
        [method]: (/** @type {unknown[]} */ ...args) => {
          process.stdout.write(json ? asJson(name, args) : asText(name, args));
        },
      });
  }

  /**
   * @param {string} name
   * @param {unknown[]} args
   */
  function asJson(name, args) {
    const [only] = args;
    const message = args.length === 1 && typeof only === 'object' ? only : format(...args);
    const timestamp = new Date().toISOString();
    return `${JSON.stringify({ timestamp, level: name, requestId: requestId(), message })}\n`;
  }

  /**
   * A carriage return keeps what was printed at once in one event of the log.
   *
   * @param {string} name
   * @param {unknown[]} args
   */
  function asText(name, args) {
    const line = [new Date().toISOString(), requestId(), name, format(...args)].join('\t');
    return `${line.replaceAll('\n', '\r')}\n`;
  }
}
