/** Messages as lines of JSON over the socket that this process was started with. */
import { Socket } from 'node:net';

/**
 * @param {number} fd
 * @param {(message: any) => void} receive
 */
export function openChannel(fd, receive) {
  const socket = new Socket({ fd, readable: true, writable: true });
  /** @type {string[]} */
  let pending = [];
  socket.setEncoding('utf8');
  socket.on('data', (/** @type {string} */ chunk) => {
    const [first = '', ...others] = chunk.split('\n');
    pending.push(first);
    for (const part of others) {
      const line = pending.join('');
      pending = [part];
      receive(JSON.parse(line));
    }
  });
  // Its host is gone, and nobody is left to answer.
  socket.on('error', () => process.exit(0));
  socket.on('close', () => process.exit(0));
  return {
    /**
     * Resolves when the message is on its way, and all that was printed before it too.
     *
     * @param {object} message
     */
    async send(message) {
      await Promise.all([written(process.stdout), written(process.stderr)]);
      await new Promise((resolve) => {
        socket.write(`${JSON.stringify(message)}\n`, resolve);
      });
    },
  };
}

/** @param {NodeJS.WriteStream} stream */
const written = (stream) =>
  new Promise((resolve) => {
    if (stream.writable) stream.write('', resolve);
    else resolve(undefined);
  });
