/** How much it matters that a piece of work is done, the most important first. */
export const priorities = ['CRITICAL', 'HIGH', 'NORMAL', 'LOW'] as const;

export type Priority = (typeof priorities)[number];

/** The one that gives way first. */
export const lesserOf = (one: Priority, other: Priority): Priority =>
  priorities.indexOf(one) > priorities.indexOf(other) ? one : other;
