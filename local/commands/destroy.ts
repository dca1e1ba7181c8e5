/** `npm run destroy -- --stage sandbox` */
import { accountCommand } from '../account-command.ts';

process.exitCode = await accountCommand('destroy', process.argv.slice(2));
