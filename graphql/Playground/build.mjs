// Bundles the playground into compressed files in dist/. Run: node build.mjs. The result is committed, so that
// building the server needs neither npm nor a network. The same lock file produces the same bytes.
import { build } from 'esbuild';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { licensesOf } from './licenses.mjs';

const shared = {
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  outdir: 'dist',
  loader: { '.ttf': 'file', '.graphql': 'text' },
  assetNames: '[name]',
};

const page = build({
  ...shared,
  entryPoints: ['main.jsx'],
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  alias: { 'prettier/plugins/estree': './prettier-json.js', 'prettier/parser-babel': './prettier-json.js' },
});
const workers = build({
  ...shared,
  entryPoints: {
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
  },
});

const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
const results = await Promise.all([page, workers]);
const files = results.flatMap(result => result.outputFiles.map(file => ({ name: basename(file.path), contents: file.contents })));
files.push({ name: 'licenses.txt', contents: Buffer.from(await licensesOf(results.map(result => result.metafile))) });
await rm('dist', { recursive: true, force: true });
await mkdir('dist');
for (const file of files) {
  const compressed = brotliCompressSync(file.contents, { params });
  await writeFile(`dist/${file.name}.br`, compressed);
  console.log(`${file.name}: ${file.contents.length} bytes, compressed ${compressed.length}`);
}
