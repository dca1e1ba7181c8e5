/** How an engine says that it does not do a thing at all. That is a finding; any other error is a fault. */
import { StackRefused } from './lab/stack.ts';
import type { Finding } from './probe.ts';

const names: ReadonlySet<string> = new Set([
  'InvalidAction',
  'UnknownOperationException',
  'NotImplemented',
  'NotImplementedException',
  'UnsupportedOperation',
]);
const notImplemented = 501;

interface Refusal extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

export const isRefusal = (fault: unknown): fault is Error =>
  fault instanceof Error &&
  (fault instanceof StackRefused ||
    names.has(fault.name) ||
    (fault as Refusal).$metadata?.httpStatusCode === notImplemented);

/** What `ask` finds, or that the engine does not know the question. */
export async function unlessRefused(ask: () => Promise<Finding>): Promise<Finding> {
  try {
    return await ask();
  } catch (fault) {
    if (!isRefusal(fault)) throw fault;
    return { does: false, saw: `refused: ${inShort(fault)}` };
  }
}

const longest = 120;

/** Its first line, without what is different in every run. */
function inShort({ name, message }: Error): string {
  const [line = ''] = message.replaceAll(randomPart, '…').split('\n');
  const text = line === '' ? name : `${name}: ${line}`;
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** The end of a name that the lab made, or an id of API Gateway in a path. */
const randomPart = /(?<=-)[0-9a-f]{8}\b|(?<=s\/)[a-z0-9]{10}\b/g;
