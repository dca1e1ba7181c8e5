/** Where things of this checkout lie. */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Everything that running here leaves behind, apart from node_modules and reports. Ignored by git.
 * HOLDFAST_FOLDER names another place, for a disk with more room.
 */
export const holdfastFolder = resolve(checkout, process.env['HOLDFAST_FOLDER'] || '.holdfast');
