import { createRoot } from 'react-dom/client';
import { Playground } from './playground.jsx';
// Not graphiql/style.css: that one brings fonts of 400 kB and the editor's styles a second time.
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './playground.css';

// Monaco asks for its workers by label; each is a file of its own beside this one.
const workers = { json: 'json.worker.js', graphql: 'graphql.worker.js' };
globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(new URL(workers[label] ?? 'editor.worker.js', import.meta.url), { type: 'module' }),
};

const tokenRequired = document.body.dataset.tokenRequired === 'true';
createRoot(document.getElementById('root')).render(<Playground tokenRequired={tokenRequired} />);
