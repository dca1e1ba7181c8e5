/** Log lines and stories as a person reads them. */
import { functions } from '#functions/tables/functions.ts';
import type { Line } from './log-line.ts';
import type { Story } from './story.ts';

const sign = { debug: ' ', info: ' ', warn: '!', error: '✗', raw: '|' } as const;

/** A line of a log that grows: when, who, what, and the trace to ask for the rest with. */
export function formatLogLine(line: Line): string {
  const at = new Date(line.atMs);
  const time = `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  const trace: Field[] = line.traceId === undefined ? [] : [['trace', line.traceId]];
  return `${time}  ${line.function.padEnd(longestName)} ${toText(line, [...fieldsOf(line), ...trace])}`;
}

const longestName = Math.max(...Object.keys(functions).map((name) => name.length));

/**
 * The story as a person reads it: each line with its time since the first one. A function's name
 * stands where it begins to speak, a field where it is not as it was said last.
 */
export function formatStory({ traceId, lines, functions: spoke, elapsedMs }: Story): string {
  const [first] = lines;
  if (!first) return `Nothing is known of trace ${traceId}.`;
  const width = Math.max(...spoke.map((name) => name.length));
  const offsetWidth = `+${elapsedMs} ms`.length;
  const said = new Map<string, string>();
  const isNews = ([name, value]: Field): boolean => {
    const known = said.get(name) === value;
    said.set(name, value);
    return !known;
  };
  return [
    `Trace ${traceId} · ${new Date(first.atMs).toISOString()} · ${spoke.length} functions · ${elapsedMs} ms`,
    ...lines.map((line, index) => {
      const speaks = lines[index - 1]?.function === line.function ? '' : line.function;
      const offset = `+${line.atMs - first.atMs} ms`.padStart(offsetWidth);
      return `${offset}  ${speaks.padEnd(width)} ${toText(line, fieldsOf(line).filter(isNews))}`;
    }),
  ].join('\n');
}

const toText = ({ level, message }: Line, fields: readonly Field[]): string =>
  [
    `${sign[level]} ${message}`,
    ...fields.map(
      ([name, value]) => `${name}=${/[\s"=]/.test(value) ? JSON.stringify(value) : value}`,
    ),
  ].join(' ');

type Field = readonly [name: string, value: string];

/** Nested ones by their last name, an error as its name and message. */
const fieldsOf = ({ message, fields }: Line): readonly Field[] =>
  Object.entries(fields)
    .flatMap(([name, value]) => flat(name, value))
    // Of a resilience event: the message is made of them.
    .filter(([name, value]) => !(/^(pattern|happened)$/.test(name) && message.includes(value)));

function flat(name: string, value: unknown): readonly Field[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return [[name, value.map(String).join(',')]];
  if (typeof value !== 'object') return [[name, String(value)]];
  if ('stack' in value && 'message' in value)
    return [[name, `${'name' in value ? value.name : 'Error'}: ${value.message}`]];
  return Object.entries(value).flatMap(([inner, of]) => flat(inner, of));
}
