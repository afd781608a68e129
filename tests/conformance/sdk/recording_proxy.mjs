// Stands between a library and the hub on loopback: keeps what was really sent and answered, and can
// behave as a bad network would.
//
// Passes bytes on as they come, headers included, so that the hub sees what the library sent. Requests
// are recorded in the order in which they were answered.
import http from 'node:http';
import { once } from 'node:events';
import { gunzipSync } from 'node:zlib';

// What may happen to a request instead of the plain way there and back.
export const Fault = Object.freeze({
  UNAVAILABLE: 'unavailable', // 503 with Retry-After; the hub never sees the request
  TOO_MANY: 'too many', // 429 with Retry-After, likewise
  CUT: 'cut', // the hub stores the events, and the connection breaks before the answer
});

const STATUS_OF = { [Fault.UNAVAILABLE]: 503, [Fault.TOO_MANY]: 429 };

export class RecordingProxy {
  static async start(hubUrl) {
    const proxy = new RecordingProxy();
    proxy.hub = new URL(hubUrl);
    proxy.requests = [];
    proxy.faults = [];
    proxy.agent = new http.Agent({ keepAlive: true });
    proxy.server = http.createServer((request, response) => {
      proxy.take(request, response).catch(() => response.destroy());
    });
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    proxy.host = `127.0.0.1:${proxy.server.address().port}`;
    proxy.url = `http://${proxy.host}`;
    return proxy;
  }

  async stop() {
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
  }

  // For the next POST requests, one each; then the network is good again.
  expectFaults(...faults) {
    this.faults.push(...faults);
  }

  async take(request, response) {
    const body = Buffer.concat(await request.toArray());
    const { method, url, headers } = request;
    const record = { method, path: url, headers, body, fault: null, status: 0, position: '' };
    if (method === 'POST') record.fault = this.faults.shift() ?? null;
    if (record.fault in STATUS_OF) {
      this.refuse(record, response);
    } else {
      await this.pass(record, response);
    }
    this.requests.push(record);
  }

  refuse(record, response) {
    record.status = STATUS_OF[record.fault];
    response.writeHead(record.status, {
      'content-type': 'application/problem+json',
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Retry-After',
      'retry-after': '1',
    });
    response.end('{"title":"not now"}');
  }

  async pass(record, response) {
    const { hostname, port } = this.hub;
    const { method, path, headers } = record;
    const onward = http.request({ agent: this.agent, hostname, port, method, path, headers });
    onward.end(record.body);
    const [answer] = await once(onward, 'response');
    const body = Buffer.concat(await answer.toArray());
    record.status = answer.statusCode;
    record.position = answer.headers['x-log-position'] ?? '';
    record.answerHeaders = answer.headers;
    record.answer = body;
    if (record.fault === Fault.CUT) return response.socket.destroy();
    response.writeHead(answer.statusCode, answer.rawHeaders);
    response.end(body);
  }

  posts() {
    return this.requests.filter((request) => request.method === 'POST');
  }

  // How far the hub's log had come with the last of them, in each partition.
  positions() {
    const last = new Map();
    for (const { position } of this.requests) {
      for (const part of position.split(',').filter(Boolean)) {
        const [partition, offset] = part.split(':').map(Number);
        last.set(partition, Math.max(offset, last.get(partition) ?? 0));
      }
    }
    return [...last].map((part) => part.join(':')).join(',');
  }
}

// The JSON of a request, also if it was compressed.
export function jsonOf(request) {
  const zipped = request.headers['content-encoding'] === 'gzip';
  return JSON.parse((zipped ? gunzipSync(request.body) : request.body).toString('utf8'));
}

// The events that a request carried: those of a batch, or the one call.
export function eventsOf(request) {
  const json = jsonOf(request);
  return json.batch ?? [json];
}

export function messageIdsOf(requests) {
  return requests.flatMap(eventsOf).map((event) => event.messageId);
}
