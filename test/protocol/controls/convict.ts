/** The shortest run in which a control breaks its promise. */
import type { Scenario } from '../scheduler/execute.ts';
import { explore, type Found } from '../scheduler/explore.ts';
import type { Subject } from '../subject.ts';

export interface Accused {
  readonly subject: Subject;
  readonly scenario: Scenario;
  readonly never: string;
}

/** Without a fault if it can be, else with one; undefined when no run breaks it. */
export async function convict({ subject, scenario, never }: Accused): Promise<Found | undefined> {
  for (const faults of [0, 1]) {
    const { found } = await explore(scenario, {
      subject,
      faults,
      states: true,
      until: () => false,
    });
    const conviction = found.find(({ violation }) => violation.never === never);
    if (conviction) return conviction;
  }
  return undefined;
}
