// Runs the GraphQL over HTTP audit of graphql-http and prints one line per check.
import { auditServer } from 'graphql-http';
import { run, token, url } from './scenario.mjs';

const authorized = (input, init = {}) => fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });

await run({
  http: async () => {
    const results = await auditServer({ url, fetchFn: authorized });
    for (const { status, id, name, reason } of results) console.log(`${status} ${id} ${name}${reason ? `: ${reason}` : ''}`);
    const failed = results.filter(result => result.status !== 'ok');
    console.log(`${results.length} checks, ${results.length - failed.length} ok`);
    if (results.length === 0 || failed.length > 0) process.exit(1);
  },
});
