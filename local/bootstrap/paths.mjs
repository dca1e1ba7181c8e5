/** Where things of this checkout lie. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Everything that running here leaves behind, apart from node_modules and reports. Ignored by git. */
export const holdfastFolder = join(checkout, '.holdfast');
