import { useMemo, useState } from 'react';
import { GraphiQL } from 'graphiql';
import { createFetcher } from './fetcher.js';
import { TokenForm } from './token-form.jsx';
import { rememberToken, rememberedToken } from './token.js';

const firstQuery = `# Ctrl-Enter runs it, Ctrl-Space suggests.
{
  deployments {
    nodes {
      name
      status
    }
  }
}
`;

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
      {/* A new key makes a new GraphiQL, which reads the schema again with the new token. */}
      <GraphiQL key={token} fetcher={fetcher} defaultQuery={firstQuery} isHeadersEditorEnabled={false} />
    </>
  );
}
