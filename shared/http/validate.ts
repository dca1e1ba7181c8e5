import * as z from 'zod';
import type { Member } from './exchange.ts';
import { bodyText, type GatewayEvent, pathParameters, queryValues } from './gateway-event.ts';
import { illFormedTexts } from './ill-formed-text.ts';
import { type Fault, invalidRequest } from './problem.ts';
import { type Finding, findingsOf, toFaults } from './validation-faults.ts';
import { inOurWords } from './validation-words.ts';

export interface Schemas {
  /** Absent: the route takes no body. */
  readonly body?: z.ZodType | undefined;
  /** Absent: the route takes no parameters in the query. */
  readonly query?: z.ZodType | undefined;
  /** Absent: the route has no parameters in its path. */
  readonly path?: z.ZodType | undefined;
}

const nothing = z.strictObject({});

/** Reads body, query and path by the route's contract, and names every fault of all three at once,
 *  and with them those that were found before. */
export const validate = ({ body, query = nothing, path = nothing }: Schemas): Member => ({
  name: 'validate',
  before: ({ event, internal }) => {
    const faults: Fault[] = [...(internal.exchange.faults ?? [])];
    const read = (schema: z.ZodType, value: unknown, place: 'body' | 'parameters'): unknown => {
      const parsed = schema.safeParse(value, { error: inOurWords });
      const findings = [
        ...illFormedTexts(value, mostFaults).map(illFormed),
        ...(parsed.error?.issues.flatMap(findingsOf) ?? []),
      ];
      faults.push(...toFaults(findings, place));
      return parsed.data;
    };
    const input = {
      path: read(path, pathParameters(event), 'parameters'),
      query: read(query, singleValues(event), 'parameters'),
      body: body ? read(body, readJson(event), 'body') : noBody(event),
    };
    if (faults.length > 0) throw invalidRequest(faults.slice(0, mostFaults));
    internal.exchange.input = input;
  },
});

/** Enough for a person to mend a form, and too few to make a large answer of a small request. */
const mostFaults = 20;

const illFormed = (path: Finding['path']): Finding => ({
  path,
  detail: 'has half of a surrogate pair, which is no character',
});

/** @throws Problem when a name is given twice: which of them counts would be a guess. */
function singleValues(event: GatewayEvent): Record<string, string> {
  const values = Object.entries(queryValues(event));
  const repeated = values.filter(([, texts]) => texts.length > 1);
  if (repeated.length > 0)
    throw invalidRequest(
      repeated.map(([parameter]) => ({ parameter, detail: 'is given more than once' })),
    );
  return Object.fromEntries(values.map(([name, [text = '']]) => [name, text]));
}

const ofBody = (detail: string) => invalidRequest([{ pointer: '', detail }]);

function readJson(event: GatewayEvent): unknown {
  if (!event.body) throw ofBody('a JSON body is needed');
  let text: string;
  try {
    text = bodyText(event);
  } catch {
    throw ofBody('is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw ofBody('is not JSON');
  }
}

function noBody(event: GatewayEvent): undefined {
  if (event.body) throw ofBody('this route takes no body');
}
