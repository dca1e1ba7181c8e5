/**
 * npm hands a signal to the shell it runs scripts in and to nothing below it, and when it is killed
 * it hands on nothing: without this, `kill` of an `npm start` would leave everything running.
 */
import { isRunning, launchers } from './processes.mjs';

const everyMs = 1_000;

/** Sends SIGTERM to this process when the npm that runs it is gone. Does nothing without one. */
export function followNpm() {
  if (!process.env['npm_lifecycle_event']) return;
  const followed = launchers();
  const timer = setInterval(() => {
    if (followed.every(isRunning)) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, everyMs);
  timer.unref();
}
