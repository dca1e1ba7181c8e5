/**
 * Preloaded into a command: asks it to end, as SIGTERM would, when its launcher was killed. The
 * processes that the command starts have another parent and are left alone.
 */
if (process.env['HOLDFAST_LAUNCHER'] === String(process.ppid) && process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
