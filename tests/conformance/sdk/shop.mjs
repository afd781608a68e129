// A shop's web page on an origin of its own, with Segment's library for browsers in it as it was
// published.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const LIBRARY_FOLDER = path.join(
  path.dirname(require.resolve('@segment/analytics-next/package.json')),
  'dist/umd',
);

const pageHtml = (title) => `<!doctype html>
<html lang="es">
<meta charset="utf-8">
<title>${title}</title>
<link rel="icon" href="data:,">
<script src="/library/index.js"></script>
<h1>${title}</h1>
`;

const PAGES = { '/': pageHtml('Tienda ☕'), '/carrito': pageHtml('Carrito') };

async function answer(request, response) {
  const { pathname } = new URL(request.url, 'http://shop');
  const script = /^\/library\/([\w.-]+\.js)$/.exec(pathname)?.[1];
  if (script) {
    const text = await readFile(path.join(LIBRARY_FOLDER, script));
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(text);
  } else if (PAGES[pathname]) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGES[pathname]);
  } else {
    response.writeHead(404).end();
  }
}

export async function openShop() {
  const server = http.createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
