/**
 * A function's part in X-Ray's picture of a request. X-Ray's SDK costs about 13 ms of start-up, so it
 * is loaded only where tracing is on.
 */
import type { Context } from 'aws-lambda';

type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

export interface TracedEnvironment {
  readonly name: string;
  readonly tracing: boolean;
}

/** The handler itself where tracing is off; else inside a subsegment that also keeps what it throws. */
export function traced<Event, Result>(
  { name, tracing }: TracedEnvironment,
  handler: Handler<Event, Result>,
): Handler<Event, Result> {
  if (!tracing) return handler;
  const loaded = import('@aws-lambda-powertools/tracer').then(
    ({ Tracer }) => new Tracer({ serviceName: name }),
  );
  return async (event, context) => {
    const tracer = await loaded;
    const segment = tracer.getSegment();
    const subsegment = segment?.addNewSubsegment(`## ${name}`);
    if (!segment || !subsegment) return handler(event, context);
    tracer.setSegment(subsegment);
    tracer.annotateColdStart();
    tracer.addServiceNameAnnotation();
    try {
      return await handler(event, context);
    } catch (error) {
      tracer.addErrorAsMetadata(error as Error);
      throw error;
    } finally {
      subsegment.close();
      tracer.setSegment(segment);
    }
  };
}
