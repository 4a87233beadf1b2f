// node manifests.mjs DIRECTORY > manifests.ts
// Checks values by Kubernetes' schemas, and writes each manifest as a typed literal: what tsc then refuses is a field that
// does not exist, of which the schemas say nothing.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { load } from "js-yaml";

const require = createRequire(import.meta.url);
for (const file of readdirSync(process.argv[2])) {
  const manifest = load(readFileSync(`${process.argv[2]}/${file}`, "utf8"));
  const { apiVersion, kind } = manifest;
  const models = `kubernetes-models/${apiVersion}/${kind}`;
  new (require(models)[kind])(manifest).validate();
  console.log(`import { I${kind} } from "${models}";`);
  console.log(`export const ${kind}: I${kind} = ${JSON.stringify(manifest, null, 2)};`);
}
