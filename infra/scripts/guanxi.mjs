#!/usr/bin/env node
/** The command line client where it is installed: the same as `npm run guanxi -- COMMAND`. */
process.argv.splice(2, 0, 'guanxi');
await import('./run.mjs');
