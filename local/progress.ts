/** The steps of a local command, on stderr. Written in the bootstrap's language, used by all. */
export { type ProgressOptions, progress, type Steps } from './bootstrap/progress.mjs';
