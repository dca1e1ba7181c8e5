/**
 * The way in: node local/run.mjs <command> [options]. Run by whatever Node the machine has, so this
 * file keeps to syntax that old ones parse, and loads the rest only after looking at the version.
 */
const version = process.versions.node;

if (parseInt(version, 10) < 20) {
  console.error(
    'Holdfast needs Node 20 or newer to install itself (it then runs on its own Node 24); this is Node ' +
      version +
      '.\nInstall one from https://nodejs.org, or with a version manager (nvm install 24), then run the same command again.',
  );
  process.exit(3);
} else {
  import('./bootstrap/main.mjs')
    .then((bootstrap) => bootstrap.main(process.argv.slice(2)))
    .then(
      (code) => {
        process.exitCode = code;
      },
      (error) => {
        console.error(error);
        process.exitCode = 1;
      },
    );
}
