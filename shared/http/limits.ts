import type { Member } from './exchange.ts';
import { bodyBytes, headerValues } from './gateway-event.ts';
import { Problem } from './problem.ts';
import type { Schemas } from './validate.ts';

export interface LimitsOptions {
  readonly contract: Pick<Schemas, 'body'>;
  readonly maxBodyBytes?: number;
  /** Names, values and the four bytes that part them, as HTTP/1.1 sends them. */
  readonly maxHeaderBytes?: number;
}

/**
 * Refuses what is too large to look at, and bodies that are not plain JSON. Where none is taken, no
 * form of it would do: that it is there is the fault, and `validate` says so.
 */
export const limits = ({
  contract,
  maxBodyBytes = 256 * 1024,
  maxHeaderBytes = 8 * 1024,
}: LimitsOptions): Member => ({
  name: 'limits',
  before: ({ event, internal }) => {
    const { headers } = internal.exchange.arrival;
    if (headerBytes(headerValues(event)) > maxHeaderBytes)
      throw new Problem('headers-too-large', {
        detail: `The header fields may have at most ${maxHeaderBytes} bytes in all.`,
      });
    const sentBytes = bodyBytes(event);
    if (sentBytes > maxBodyBytes)
      throw new Problem('body-too-large', {
        detail: `A body may have at most ${maxBodyBytes} bytes.`,
      });
    if (sentBytes > 0 && contract.body) assertPlainJson(headers);
  },
});

const headerBytes = (fields: Readonly<Record<string, readonly string[]>>): number =>
  Object.entries(fields)
    .flatMap(([name, values]) => values.map((value) => `${name}: ${value}\r\n`))
    .reduce((sum, line) => sum + Buffer.byteLength(line), 0);

const json = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?;?$/i;

function assertPlainJson(headers: Readonly<Record<string, string>>): void {
  const { 'content-type': type = '', 'content-encoding': coding = 'identity' } = headers;
  if (!json.test(type.trim()))
    throw new Problem('unsupported-media-type', {
      detail: 'Send the body as content-type application/json, in UTF-8.',
      headers: { accept: 'application/json' },
    });
  if (coding.trim().toLowerCase() !== 'identity')
    throw new Problem('unsupported-media-type', {
      detail: 'Send the body without a content-encoding.',
      headers: { 'accept-encoding': 'identity' },
    });
}
