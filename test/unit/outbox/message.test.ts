import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEvent } from '#shared/outbox/event.ts';
import { toMessage } from '#shared/outbox/message.ts';
import { readXRayHeader } from '#shared/telemetry/trace.ts';
import { event } from './small-world.ts';

describe('a message', () => {
  it('holds its event, in characters that SQS takes', () => {
    // https://www.w3.org/TR/REC-xml/#charsets
    const allowed = /^[\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (note) => {
        const told = event({ data: { note: `${note}\uffff\ufffe` } });
        const { body } = toMessage(told, { tracing: false });
        expect(body).toMatch(allowed);
        expect(readEvent(JSON.parse(body))).toEqual(told);
      }),
    );
  });

  it('carries the trace as its own attribute, and as X-Ray writes it when that is asked for', () => {
    const told = event();
    expect(toMessage(told, { tracing: false })).toMatchObject({
      id: told.id,
      attributes: { eventType: 'created', traceparent: told.traceparent },
    });
    expect(toMessage(told, { tracing: false }).traceHeader).toBeUndefined();
    expect(readXRayHeader(toMessage(told, { tracing: true }).traceHeader)).toEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: expect.not.stringMatching(/^b7ad6b7169203331$/),
      sampled: true,
    });
  });

  it('has no trace where the event has none: an empty attribute would be refused', () => {
    const { attributes, traceHeader } = toMessage(event({ traceparent: '' }), { tracing: true });
    expect(attributes).toEqual({ eventType: 'created' });
    expect(traceHeader).toBeUndefined();
  });
});
