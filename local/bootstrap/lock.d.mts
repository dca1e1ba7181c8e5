/**
 * Does `work` while no other process does. `shareWith` names a child that does the work: should
 * this process be killed, the lock is held until the child has ended too.
 *
 * @param folder the lock itself, beside which others of its name are made for a moment
 * @param onWait called once, when another process holds it
 */
export declare function withLock<T>(
  folder: string,
  work: (shareWith: (pid: number) => void) => Promise<T>,
  onWait?: (holderPid: number | undefined) => void,
): Promise<T>;
