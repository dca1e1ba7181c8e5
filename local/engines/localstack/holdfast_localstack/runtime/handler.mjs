/** Finds the function that a handler's name (`folder/module.export`) stands for. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { named } from './errors.mjs';

const extensions = ['.js', '.mjs', '.cjs'];

/**
 * @param {string} name
 * @param {string} root
 * @returns {Promise<(event: unknown, context: object) => unknown>}
 */
export async function loadHandler(name, root) {
  const [, path, exported] = /^(.*?[^/.]+)\.([^/]+)$/.exec(name) ?? [];
  if (path === undefined || exported === undefined)
    throw named('Runtime.MalformedHandlerName', 'Bad handler');
  const base = resolve(root, path);
  const file = extensions.map((extension) => base + extension).find(existsSync);
  if (!file)
    throw named(
      'Runtime.ImportModuleError',
      `Error: Cannot find module '${path.split('/').at(-1)}'`,
    );
  const { href } = pathToFileURL(file);
  const loaded = file.endsWith('.mjs') ? await import(href) : createRequire(href)(file);
  /** @type {any} */
  let handler = loaded;
  for (const key of exported.split('.')) handler = handler?.[key];
  if (typeof handler !== 'function')
    throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (handler.length >= 3)
    throw named(
      'Runtime.CallbackHandlerDeprecated',
      'AWS Lambda has removed support for callback-based function handlers.',
    );
  return handler;
}
