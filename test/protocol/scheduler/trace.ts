/** What happened in one run, as numbered lines. */

export interface TraceLine {
  readonly actor: string;
  readonly did: string;
  readonly fault?: string | undefined;
  readonly heard: string;
}

export interface Violation {
  /** The promise that was broken, in the words of the design: `two effects for one key`. */
  readonly never: string;
  readonly because: string;
}

export interface Told {
  readonly scenario: string;
  readonly lines: readonly TraceLine[];
  readonly violation: Violation;
  /** How to have the same run again. */
  readonly rerun: string;
}

export function textOf({ scenario, lines, violation, rerun }: Told): string {
  const width = Math.max(...lines.map(({ actor }) => actor.length));
  const steps = shortOf(lines).flatMap(({ actor, did, fault, heard, from, to }) => [
    `${from === to ? from : `${from}–${to}`}`.padStart(5) +
      `  ${actor.padEnd(width)}  ${did}${fault ? `   ⚡ ${fault}` : ''}`,
    `${' '.repeat(7 + width)}    → ${heard}`,
  ]);
  return [
    scenario,
    '',
    ...steps,
    '',
    `NEVER ${violation.never}: ${violation.because}`,
    `again: ${rerun}`,
    '',
  ].join('\n');
}

interface Shown extends TraceLine {
  readonly from: number;
  readonly to: number;
}

/** Calls in a row that read alike and hear the same are one line. */
function shortOf(lines: readonly TraceLine[]): readonly Shown[] {
  const shown: Shown[] = [];
  for (const [index, line] of lines.entries()) {
    const last = shown.at(-1);
    const alike =
      last &&
      !line.fault &&
      !last.fault &&
      last.actor === line.actor &&
      last.heard === line.heard &&
      verbOf(last) === 'lists' &&
      verbOf(line) === 'lists';
    if (!alike) shown.push({ ...line, from: index + 1, to: index + 1 });
    else {
      const first = last.did.split(' … ')[0] ?? '';
      const did = `${first} … ${line.did.replace(/^lists /, '')}`;
      shown[shown.length - 1] = { ...last, did, to: index + 1 };
    }
  }
  return shown;
}

const verbOf = ({ did }: TraceLine): string => did.split(' ')[0] ?? '';
