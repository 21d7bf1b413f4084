// Checks Kubernetes objects, as YAML on the standard input, against the schemas that the API server publishes. One line for each mistake.
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
console.log(`${checked} objects are right`);
