// Validates Kubernetes objects (YAML on standard input) against the published schemas of the API server. Prints one line for each error.
import { text } from "node:stream/consumers";
import { parseAllDocuments } from "yaml";

let checked = 0;
for (const document of parseAllDocuments(await text(process.stdin))) {
  const object = document.toJS();
  const { [object.kind]: Model } = await import(`kubernetes-models/${object.apiVersion}/${object.kind}`);
  try {
    new Model(object).validate();
    checked++;
  } catch (mistake) {
    console.log(`${object.kind} ${object.metadata?.name}: ${mistake.message}`);
  }
}
console.log(`${checked} objects are valid`);
