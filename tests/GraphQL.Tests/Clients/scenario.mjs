// Runs one scenario of a file: node <file> <scenario> <url> <token>. It ends with 0 when all that it asserts is so.
import WebSocket from 'ws';

globalThis.WebSocket ??= WebSocket; // as browsers have it; Node.js before 22 has none

export const [name, url, token] = process.argv.slice(2);

export async function run(scenarios) {
  const scenario = scenarios[name];
  if (!scenario) throw new Error(`There is no scenario ${name}; there are ${Object.keys(scenarios).join(', ')}.`);
  await scenario();
  process.exit(0); // a socket that is left open would keep it alive
}

/** What an operation gives, until it has given so many or ends; then it is left. */
export function collect(client, request, most = Infinity) {
  return new Promise((resolve, reject) => {
    const results = [];
    const leave = client.subscribe(request, {
      next: result => {
        results.push(result);
        if (results.length < most) return;
        leave();
        resolve(results);
      },
      error: reject,
      complete: () => resolve(results),
    });
  });
}

/** Tells the test that so much has happened. */
export const tell = text => console.log(`# ${text}`);

/** Waits until the test says that it goes on. */
export const told = () => new Promise(resolve => process.stdin.once('data', resolve));
