// Runs one scenario of a file: node <file> <scenario> <url> <token>. Exits with 0 if all assertions hold.
import WebSocket from 'ws';

globalThis.WebSocket ??= WebSocket; // browsers define it, Node.js before 22 does not

export const [name, url, token] = process.argv.slice(2);

export async function run(scenarios) {
  const scenario = scenarios[name];
  if (!scenario) throw new Error(`There is no scenario ${name}; there are ${Object.keys(scenarios).join(', ')}.`);
  await scenario();
  process.exit(0); // an open socket would keep the process alive
}

/** Returns the results of an operation, and unsubscribes after max results. */
export function collect(client, request, max = Infinity) {
  return new Promise((resolve, reject) => {
    const results = [];
    const unsubscribe = client.subscribe(request, {
      next: result => {
        results.push(result);
        if (results.length < max) return;
        unsubscribe();
        resolve(results);
      },
      error: reject,
      complete: () => resolve(results),
    });
  });
}

/** Reports progress to the test. */
export const report = text => console.log(`# ${text}`);

/** Waits until the test continues. */
export const waitForTest = () => new Promise(resolve => process.stdin.once('data', resolve));
