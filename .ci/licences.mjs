// node licences.mjs SBOM PAGE LIB: holds the licences that the SBOM lists against the table in the page, and its parts against the jars.
// A row of the table: | licences, as the SBOM has them | how many jars |. An unknown licence has no row, and so it fails.
import { readdirSync, readFileSync } from 'node:fs';

const [sbom, page, lib] = process.argv.slice(2);
const parts = JSON.parse(readFileSync(sbom)).components;

const found = new Map(); // licences -> the jars that have them
for (const part of parts) {
  const names = (part.licenses ?? []).map(l => l.expression ?? l.license.id ?? l.license.name).sort().join(', ');
  found.set(names, [...(found.get(names) ?? []), part.purl]);
}
const allowed = new Map();
const section = readFileSync(page, 'utf8').split('\n## Licences\n')[1].split('\n## ')[0];
for (const [, names, count] of section.matchAll(/^\| (.+?) \| (\d+) \|/gm)) {
  allowed.set(names, Number(count));
}
const wrong = [];
for (const [names, jars] of found) {
  if (allowed.get(names) !== jars.length) {
    wrong.push(`licence "${names}": ${jars.length} jars, ${page} says ${allowed.get(names) ?? 'nothing of it'}: ${jars.join(' ')}`);
  }
}
for (const names of allowed.keys()) {
  if (!found.has(names)) wrong.push(`licence "${names}": in ${page}, but no jar has it`);
}
const listed = parts.map(p => `${p.name}-${p.version}.jar`).sort().join('\n');
const shipped = readdirSync(lib).filter(f => f.endsWith('.jar')).sort().join('\n');
if (listed !== shipped) wrong.push(`${sbom} lists\n${listed}\nand ${lib} holds\n${shipped}`);
if (wrong.length > 0) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
console.log(`${parts.length} jars: ${[...found].map(([names, jars]) => `${jars.length} ${names}`).join('; ')}`);
