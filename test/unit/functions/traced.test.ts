import { createSocket } from 'node:dgram';
import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { traced } from '#functions/traced.ts';

const context = {} as Context;

/** What stands in for X-Ray's daemon: a socket that keeps the segments sent to it. */
async function daemon() {
  const received: Record<string, unknown>[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message) => {
    const [, segment = ''] = message.toString().split('\n');
    received.push(JSON.parse(segment));
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { received, port: socket.address().port, stop: () => socket.close() };
}

describe('a traced function', () => {
  let xray: Awaited<ReturnType<typeof daemon>>;
  beforeEach(async () => {
    xray = await daemon();
    vi.stubEnv('AWS_XRAY_DAEMON_ADDRESS', `127.0.0.1:${xray.port}`);
    vi.stubEnv('AWS_EXECUTION_ENV', 'AWS_Lambda_nodejs24.x');
    vi.stubEnv('LAMBDA_TASK_ROOT', '/var/task');
    vi.stubEnv('POWERTOOLS_TRACE_ENABLED', 'true');
    vi.stubEnv('POWERTOOLS_DEV', 'false');
    vi.stubEnv(
      '_X_AMZN_TRACE_ID',
      'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
    );
  });
  afterEach(() => {
    xray.stop();
    vi.unstubAllEnvs();
  });

  it('is the function itself where tracing is off', () => {
    const handler = async () => 'done';
    expect(traced({ name: 'get-order', tracing: false }, handler)).toBe(handler);
  });

  it('reports a subsegment of its name in the trace of its caller, with what it threw', async () => {
    const handler = traced({ name: 'get-order', tracing: true }, async (fails: boolean) => {
      if (fails) throw new Error('broken');
      return 'done';
    });
    expect(await handler(false, context)).toBe('done');
    await expect(handler(true, context)).rejects.toThrow('broken');

    await vi.waitFor(() => expect(xray.received).toHaveLength(2));
    const ofCaller = {
      name: '## get-order',
      trace_id: '1-5759e988-bd862e3fe1be46a994272793',
      parent_id: '53995c3f42cd8ad8',
    };
    expect(xray.received).toMatchObject([
      { ...ofCaller, annotations: { Service: 'get-order' } },
      { ...ofCaller, fault: true, cause: { exceptions: [{ message: 'broken' }] } },
    ]);
  });
});
