import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { examples } from './examples.js';

function Examples() {
  const queryEditor = useGraphiQL(state => state.queryEditor);
  const { addTab } = useGraphiQLActions();
  const open = text => {
    addTab();
    queryEditor.setValue(text);
    queryEditor.focus();
  };
  return (
    <section className="examples" aria-label="Examples">
      <h2>Examples</h2>
      <p>Each example opens in a new tab; Ctrl-Enter runs it. The examples use the deployment iris; change the variables to use another one.</p>
      <ul>
        {examples.map(({ title, text }) => (
          <li key={title}>
            <button type="button" onClick={() => open(text)}>{title}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const Icon = () => (
  <svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
    <path d="M5 6h14M5 12h14M5 18h9" strokeLinecap="round" />
  </svg>
);

export const EXAMPLES_PLUGIN = { title: 'Examples', icon: Icon, content: Examples };
