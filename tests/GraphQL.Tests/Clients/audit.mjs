// The audit of GraphQL over HTTP that comes with graphql-http: one line for each check.
import { auditServer } from 'graphql-http';
import { run, token, url } from './scenario.mjs';

const authorized = (input, init = {}) => fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });

await run({
  http: async () => {
    const results = await auditServer({ url, fetchFn: authorized });
    for (const { status, id, name, reason } of results) console.log(`${status} ${id} ${name}${reason ? `: ${reason}` : ''}`);
    const bad = results.filter(result => result.status !== 'ok');
    console.log(`${results.length} checks, ${results.length - bad.length} ok`);
    if (results.length === 0 || bad.length > 0) process.exit(1);
  },
});
