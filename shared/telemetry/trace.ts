/**
 * The trace of a request, carried in W3C form from the gateway to the last worker, so that one id
 * finds every line it caused. @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
import { randomBytes } from 'node:crypto';

export interface Trace {
  /** 32 hex digits, the same in every hop. */
  readonly traceId: string;
  /** 16 hex digits, one a hop. */
  readonly spanId: string;
  readonly sampled: boolean;
}

type RandomHex = (bytes: number) => string;
const randomHex: RandomHex = (bytes) => randomBytes(bytes).toString('hex');

export const newTrace = (hex: RandomHex = randomHex): Trace => ({
  traceId: hex(16),
  spanId: hex(8),
  sampled: true,
});

/** The next hop of a trace. */
export const childOf = (trace: Trace, hex: RandomHex = randomHex): Trace => ({
  ...trace,
  spanId: hex(8),
});

export const toTraceparent = ({ traceId, spanId, sampled }: Trace): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

/** Undefined for anything that is not a valid version 00 header: a bad header starts a new trace. */
export function readTraceparent(text: string | undefined): Trace | undefined {
  const [, traceId, spanId, flags] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text ?? '') ?? [];
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId))
    return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The trace of X-Ray's header (`Root=1-5759e988-bd862e3fe1be46a994272793;Parent=…;Sampled=1`). */
export function readXRayHeader(text: string | undefined): Trace | undefined {
  const [, epoch, rest] =
    /^1-([0-9a-f]{8})-([0-9a-f]{24})$/.exec(xrayField(text, 'Root') ?? '') ?? [];
  if (!epoch || !rest) return undefined;
  const parent = xrayField(text, 'Parent');
  return {
    traceId: epoch + rest,
    spanId: parent && /^[0-9a-f]{16}$/.test(parent) ? parent : randomHex(8),
    sampled: readXRaySampled(text) === true,
  };
}

/** What X-Ray has decided; undefined where it has not (`Root=…` alone, or `Sampled=?`). */
export function readXRaySampled(text: string | undefined): boolean | undefined {
  const flag = xrayField(text, 'Sampled');
  return flag === '1' ? true : flag === '0' ? false : undefined;
}

const xrayField = (text: string | undefined, name: string): string | undefined =>
  new RegExp(`(?:^|;)\\s*${name}=([^;]+)`).exec(text ?? '')?.[1];
