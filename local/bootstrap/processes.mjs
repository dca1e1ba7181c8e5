/**
 * Processes, told apart from later ones that got the same id, and process groups.
 * Linux reads /proc (proc_pid_stat(5)), macOS asks ps.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const linux = process.platform === 'linux';

/**
 * @typedef {{ pid: number, startedAt: string }} Marked
 * @typedef {Marked & { parent: number, group: number, ended: boolean, program: string }} Row
 */

/**
 * @param {number} pid
 * @returns {Row | undefined}
 */
function fromProc(pid) {
  let text;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses, and may hold spaces and parentheses.
  const [open, close] = [text.indexOf('('), text.lastIndexOf(')')];
  const fields = text.slice(close + 2).split(' ');
  const [state = '', parent = '', group = ''] = fields;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    ended: /[ZXx]/.test(state),
    startedAt: fields[19] ?? '',
    program: text.slice(open + 1, close),
  };
}

/**
 * @param {string[]} which
 * @returns {Row[]}
 */
function fromPs(...which) {
  const { stdout } = spawnSync('ps', [...which, '-o', 'pid=,ppid=,pgid=,stat=,lstart=,comm='], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return (stdout ?? '').split('\n').flatMap((line) => {
    // `lstart` is a date of 24 characters.
    const [, pid, parent, group, state = '', startedAt = '', program = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.{24})\s+(.*)$/.exec(line) ?? [];
    if (!pid) return [];
    const ended = state.startsWith('Z');
    return [
      { pid: Number(pid), parent: Number(parent), group: Number(group), ended, startedAt, program },
    ];
  });
}

/**
 * @param {number} pid
 * @returns {Row | undefined}
 */
function find(pid) {
  const row = linux ? fromProc(pid) : fromPs('-p', String(pid))[0];
  return row?.ended ? undefined : row;
}

/**
 * When a process started, in the system's own words: equal marks under one id are one process.
 *
 * @param {number} pid
 * @returns {string | undefined} undefined when it has ended.
 */
export const markOf = (pid) => find(pid)?.startedAt;

/** @param {Marked} process */
export const isRunning = ({ pid, startedAt }) => markOf(pid) === startedAt;

/** @returns {Marked} */
export const thisProcess = () => ({ pid: process.pid, startedAt: markOf(process.pid) ?? '' });

/**
 * The processes above this one that a person would take for it: its parent, and where that is only
 * a shell, the parent of that.
 *
 * @returns {Marked[]}
 */
export function launchers() {
  const parent = find(process.ppid);
  if (!parent) return [];
  const above = /(^|\/)-?[a-z]*sh$/.test(parent.program) ? find(parent.parent) : undefined;
  return [parent, ...(above ? [above] : [])];
}

/**
 * The processes of a group that still run. Ended ones that nobody has waited for do not count: in
 * a container without an init they stay for ever.
 *
 * @param {number} group
 * @returns {number[]}
 */
export function membersOf(group) {
  const rows = linux
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap((name) => fromProc(Number(name)) ?? [])
    : fromPs('-ax');
  return rows.filter((row) => row.group === group && !row.ended).map((row) => row.pid);
}
