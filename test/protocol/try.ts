import { explore } from './scheduler/explore.ts';
import { mutant } from './controls/mutant.ts';
import { leaseScenarios } from './scenarios/lease.ts';
const subject = await mutant({ file: 'shared/lease/mutex.ts', passage: 'signal.throwIfAborted();', instead: 'if (unanswered && signal.aborted) throw unanswered.error;\n      signal.throwIfAborted();' });
const s = leaseScenarios[1]!;
let c = process.cpuUsage();
const e = await explore(s, { subject, faults: 1, states: true });
console.log(Math.round(process.cpuUsage(c).user/1000), e.schedules, e.pruned, e.found.map((f) => f.text).join());
// Frozen for longer than a token is remembered.
const t = await explore({ ...s, frozenMs: 660_000, only: ['lose-answer', 'freeze'] }, { subject, faults: 2, states: true });
console.log(Math.round(process.cpuUsage(c).user/1000), t.schedules, t.pruned, t.found.map((f) => f.text).join());
