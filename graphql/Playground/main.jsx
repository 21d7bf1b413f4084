import { createRoot } from 'react-dom/client';
import { Playground } from './playground.jsx';
// graphiql/style.css is not used, because it adds 400 kB of fonts and a second copy of the editor's styles.
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './playground.css';

// Monaco requests its workers by label; each worker is a separate file next to this one.
const workers = { json: 'json.worker.js', graphql: 'graphql.worker.js' };
globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(new URL(workers[label] ?? 'editor.worker.js', import.meta.url), { type: 'module' }),
};

const tokenRequired = document.body.dataset.tokenRequired === 'true';
createRoot(document.getElementById('root')).render(<Playground tokenRequired={tokenRequired} />);
