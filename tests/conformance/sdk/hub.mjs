// A real hub for a test: `batuta serve` on a folder of its own and a free port of loopback.
//
// Ended by its process id, and the folder removed, when the test stops it; killed if the test dies.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const START_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 300_000;
const SETTLE_TIMEOUT_MS = 120_000;
const POLL_MS = 25;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Asks again and again until `probe` returns without an assertion that fails; then its value.
export async function eventually(probe, timeoutMs = SETTLE_TIMEOUT_MS) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (!(error instanceof assert.AssertionError) || Date.now() >= end) throw error;
    }
    await pause(POLL_MS);
  }
}

export class Hub {
  static async start() {
    const binary = process.env.BATUTA_BINARY;
    assert.ok(binary, 'BATUTA_BINARY names the program to test');
    const hub = new Hub();
    hub.folder = await mkdtemp(path.join(tmpdir(), 'batuta-sdk-'));
    const data = path.join(hub.folder, 'data');
    hub.process = spawn(binary, ['serve', '--data', data, '--listen', '127.0.0.1:0'], {
      cwd: hub.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    hub.exited = new Promise((resolve) => hub.process.once('exit', (...how) => resolve(how)));
    hub.killAtExit = () => hub.process.kill('SIGKILL');
    process.once('exit', hub.killAtExit);
    await hub.readBanner();
    return hub;
  }

  // The banner tells the address and, once, the first keys.
  async readBanner() {
    const said = [];
    const lines = createInterface({ input: this.process.stderr });
    const timer = setTimeout(this.killAtExit, START_TIMEOUT_MS);
    await new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        said.push(line);
        this.url ??= /^Batuta \S+ +(http:\S+)$/.exec(line)?.[1];
        this.secretKey ??= /^ *secret key +(\S+)$/.exec(line)?.[1];
        if (line === 'Ctrl-C ends it.') resolve();
      });
      lines.on('close', () => reject(new Error(`batuta ended at its start:\n${said.join('\n')}`)));
    });
    clearTimeout(timer);
    assert.ok(this.url && this.secretKey, `the banner tells address and key:\n${said.join('\n')}`);
  }

  async stop() {
    process.off('exit', this.killAtExit);
    this.process.kill('SIGTERM');
    const timer = setTimeout(this.killAtExit, STOP_TIMEOUT_MS);
    const [code, signal] = await this.exited;
    clearTimeout(timer);
    await rm(this.folder, { recursive: true, force: true });
    assert.deepEqual([code, signal], [0, null], 'the hub ends by itself when it is asked to');
  }

  // As whoever holds the first key, which may do everything.
  async api(method, target, { body, positions } = {}) {
    const headers = { authorization: `Bearer ${this.secretKey}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (positions) headers['x-log-position'] = positions;
    const response = await fetch(this.url + target, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  async createKey(kind, source) {
    const { status, body } = await this.api('POST', '/v1/keys', { body: { kind, source } });
    assert.equal(status, 201, JSON.stringify(body));
    return body.secret;
  }

  createWriteKey(source) {
    return this.createKey('write', source);
  }

  // The person that an identifier such as "user_id:u-1" names, or null.
  async person(identifier, positions) {
    const { status, body } = await this.api('GET', pathOf(identifier), { positions });
    if (status === 404) return null;
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  }

  // The same once everything up to `positions` is applied and no link to another person is open.
  async settledPerson(identifier, positions) {
    return eventually(async () => {
      const person = await this.person(identifier, positions);
      assert.ok(person?.settled, `${identifier} is known and settled`);
      return person;
    });
  }

  // The whole timeline, newest first. Every entry's record must still be there to be read.
  async timeline(identifier, positions) {
    const entries = [];
    let cursor = '';
    do {
      const target = `${pathOf(identifier)}/timeline?limit=100${cursor && `&cursor=${cursor}`}`;
      const { status, body } = await this.api('GET', target, { positions });
      assert.equal(status, 200, JSON.stringify(body));
      entries.push(...body.data);
      cursor = body.hasMore ? encodeURIComponent(body.nextCursor) : '';
    } while (cursor);
    for (const entry of entries) assert.notEqual(entry.kept, false);
    return entries;
  }

  // The events on it, without the merges that they led to.
  async events(identifier, positions) {
    const entries = await this.timeline(identifier, positions);
    return entries.filter((entry) => entry.kind !== 'merge');
  }

  // What was stored of all sources so far, accepted or rejected.
  async storedEvents() {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const counts = text.matchAll(/^batuta_ingest_events_total\{[^}]*\} (\d+)$/gm);
    return [...counts].reduce((sum, match) => sum + Number(match[1]), 0);
  }
}

function pathOf(identifier) {
  const colon = identifier.indexOf(':');
  const value = encodeURIComponent(identifier.slice(colon + 1));
  return `/v1/people/${identifier.slice(0, colon)}:${value}`;
}
