/** `npm run deploy -- --stage sandbox` */
import { accountCommand } from '../account-command.ts';

process.exitCode = await accountCommand('deploy', process.argv.slice(2));
