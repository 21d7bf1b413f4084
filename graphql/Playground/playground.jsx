import { useMemo, useState } from 'react';
import { GraphiQL } from 'graphiql';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { EXAMPLES_PLUGIN } from './examples.jsx';
import { examples } from './examples.js';
import { createFetcher } from './fetcher.js';
import { TokenForm } from './token-form.jsx';
import { rememberToken, rememberedToken } from './token.js';

const firstQuery = `# Ctrl-Enter runs the query and Ctrl-Space completes it. The list on the left has more examples.
${examples[0].text}`;
const plugins = [EXAMPLES_PLUGIN, HISTORY_PLUGIN];

export function Playground({ tokenRequired }) {
  const [token, setToken] = useState(rememberedToken);
  const fetcher = useMemo(() => createFetcher(token, tokenRequired), [token, tokenRequired]);
  const use = newToken => {
    rememberToken(newToken);
    setToken(newToken);
  };
  return (
    <>
      {tokenRequired && <TokenForm token={token} onUse={use} />}
      {/* A new key recreates GraphiQL, which then reloads the schema with the new token. */}
      <GraphiQL key={token} fetcher={fetcher} plugins={plugins} visiblePlugin={EXAMPLES_PLUGIN} defaultQuery={firstQuery} isHeadersEditorEnabled={false} />
    </>
  );
}
