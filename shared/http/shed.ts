/**
 * Turns away what matters least when the queues are long, before any store of the route is touched.
 * A call is never slowed down here: what it leaves behind in the queues is put off instead.
 */
import { admission } from '../pressure/admission.ts';
import type { Gauge } from '../pressure/gauge.ts';
import type { Level } from '../pressure/levels.ts';
import { lesserOf, type Priority, priorities } from '../pressure/priority.ts';
import type { Member } from './exchange.ts';
import { type Fault, Problem } from './problem.ts';

/** A caller's own word on how much its call matters: it counts only where it is less than the route's,
 *  and one that is none of the words is refused after the limits have counted the call. */
export const priorityHeader = 'x-priority';

export interface Shed {
  /** What counted: the lesser of the route's and the caller's. */
  readonly priority: Priority;
  readonly level: Level;
}

export interface ShedOptions {
  /** Absent: the route is never refused, and the header is not looked at. */
  readonly shed?:
    | {
        /** The route's. */
        readonly priority: Priority;
        readonly gauge: Gauge;
        /** Called for each refusal. Must not throw. */
        readonly onShed?: (shed: Shed) => void;
        readonly random?: () => number;
      }
    | undefined;
}

export const shed = ({ shed: options }: ShedOptions): Member => ({
  name: 'shed',
  before: async ({ internal: { exchange } }) => {
    if (!options) return;
    const { gauge, onShed = () => {}, random } = options;
    const asked = askedFor(exchange.arrival.headers[priorityHeader]);
    if (asked === undefined) exchange.faults = [priorityFault];
    const priority = lesserOf(options.priority, asked ?? options.priority);
    // Never refused and never put off, so nobody needs to know.
    if (priority === 'CRITICAL') return;
    const pressure = await gauge.look({ withinMs: exchange.deadline?.remainingMs() });
    const answer = admission(pressure, priority, random);
    if (answer.admitted) {
      exchange.delaySeconds = answer.delaySeconds;
      return;
    }
    onShed({ priority, level: pressure.level });
    throw new Problem('overloaded', {
      detail: `Nothing was done: the service is behind, and takes no calls of priority ${priority} now.`,
      retryAfterMs: answer.retryAfterMs,
    });
  },
});

const priorityFault: Fault = {
  header: priorityHeader,
  detail: `must be one of ${priorities.join(', ').toLowerCase()}`,
};

/** Undefined: no priority has that name. */
function askedFor(text = 'CRITICAL'): Priority | undefined {
  const name = text.trim().toUpperCase();
  return priorities.find((priority) => priority === name);
}
