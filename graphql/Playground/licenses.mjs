import { readFile, readdir } from 'node:fs/promises';

const packagePath = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Returns the licences of all bundled packages; most of them must be included in every copy. */
export async function licensesOf(metafiles) {
  const inputs = metafiles.flatMap(metafile => Object.keys(metafile.inputs));
  const packages = new Set(inputs.map(input => input.match(packagePath)?.[0]).filter(Boolean));
  return (await Promise.all([...packages].sort().map(licenseOf))).join(`\n${'-'.repeat(80)}\n\n`);
}

async function licenseOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  const file = (await readdir(folder)).find(entry => /^licen[cs]e/i.test(entry));
  const text = file ? await readFile(`${folder}/${file}`, 'utf8') : 'The package has no licence file.\n';
  return `${name} ${version} (${license})\n\n${text}`;
}
