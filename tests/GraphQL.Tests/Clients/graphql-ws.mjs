import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import { connect } from './connect/graphql-ws.mjs';
import { collect, run, report, token, url, waitForTest } from './scenario.mjs';

const connectionParams = { authorization: `Bearer ${token}` };

/** Connects with a socket class that violates the protocol and returns the close code of the server. */
function closedBy(Socket, options = {}, request = { query: '{ me }' }, subscriptions = 1) {
  return new Promise((resolve, reject) => {
    const client = createClient({ url: url.replace(/^http/, 'ws'), webSocketImpl: Socket, connectionParams, retryAttempts: 0, ...options });
    client.on('closed', event => resolve(event.code));
    for (let i = 0; i < subscriptions; i++) client.subscribe(request, { next: () => {}, error: () => {}, complete: () => {} });
    setTimeout(() => reject(new Error('the socket was never closed')), 15_000);
  });
}

/** Creates a socket class that replaces the messages of the library. */
const sending = change => class extends WebSocket { send(text) { change(text).forEach(message => super.send(message)); } };

await run({
  query: async () => assert.deepEqual((await collect(connect(url, token), { query: '{ me }' }))[0].data, { me: 'ada' }),

  mutation: async () => {
    const mutation = { query: 'mutation($input: AddBookInput!) { addBook(input: $input) { book { title } } }', variables: { input: { title: 'Ὀδύσσεια' } } };
    assert.equal((await collect(connect(url, token), mutation))[0].data.addBook.book.title, 'Ὀδύσσεια');
  },

  subscription: async () => {
    const results = await collect(connect(url, token), { query: 'subscription { booksAdded(count: 100) { id author { name } } }' });
    assert.deepEqual(results.map(result => result.data.booksAdded.id), Array.from({ length: 100 }, (_, i) => `b${i}`));
  },

  concurrent: async () => {
    const client = connect(url, token);
    const all = await Promise.all(Array.from({ length: 50 }, (_, i) => collect(client, { query: `subscription { booksAdded(count: ${i + 1}) { id } }` })));
    assert.deepEqual(all.map(results => results.length), Array.from({ length: 50 }, (_, i) => i + 1));
  },

  unsubscribe: async () => {
    const client = connect(url, token);
    await collect(client, { query: 'subscription { tail(id: "x") }' }, 1);
    report('left');
    await waitForTest();
    await client.dispose();
  },

  rejectedOperation: async () => {
    await assert.rejects(collect(connect(url, token), { query: '{ nothing }' }), ([error]) => error.extensions.code === 'GRAPHQL_VALIDATION_FAILED');
    await assert.rejects(collect(connect(url, token), { query: 'subscription { tail(id: "none") }' }), ([error]) => error.extensions.code === 'NOT_FOUND');
  },

  persisted: async () => {
    const query = '{ me }';
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(query))).toString('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };
    const client = connect(url, token);
    await assert.rejects(collect(client, { query: '', extensions }), ([error]) => error.message === 'PersistedQueryNotFound');
    assert.equal((await collect(client, { query, extensions }))[0].data.me, 'ada');
    assert.equal((await collect(client, { query: '', extensions }))[0].data.me, 'ada');
  },

  pingPong: async () => {
    const client = createClient({ url: url.replace(/^http/, 'ws'), connectionParams, keepAlive: 20, lazy: false });
    await new Promise(resolve => client.on('pong', received => received && resolve()));
    await client.dispose();
  },

  // Each close code of the protocol as the client sees it. The client retries none of them.
  4400: async () => assert.equal(await closedBy(sending(() => ['this is not JSON'])), 4400),
  4401: async () =>
    assert.equal(await closedBy(sending(() => ['{"id":"1","type":"subscribe","payload":{"query":"{ me }"}}'])), 4401),
  4403: async () => assert.equal(await closedBy(WebSocket, { connectionParams: { authorization: 'Bearer wrong' } }), 4403),
  4406: async () => {
    class Legacy extends WebSocket { constructor(address) { super(address, 'graphql-ws'); } }
    assert.equal(await closedBy(Legacy), 4406);
  },
  4408: async () => assert.equal(await closedBy(WebSocket, { connectionParams: () => new Promise(() => {}) }), 4408),
  4409: async () =>
    assert.equal(await closedBy(WebSocket, { generateID: () => 'same' }, { query: 'subscription { tail(id: "x") }' }, 2), 4409),
  4429: async () => assert.equal(await closedBy(sending(text => [text, text])), 4429),

  // The server stops while a subscription is open and starts again; the client resubscribes automatically.
  reconnect: async () => {
    const client = connect(url, token);
    let seen = 0;
    client.subscribe({ query: 'subscription { tail(id: "x") }' }, { next: () => report(`seen ${++seen}`), error: report, complete: () => report('complete') });
    await waitForTest();
  },
});
