import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a browser gets while the front end starts or starts again: a page that tries again by itself. */
export function frontAway(request: IncomingMessage, response: ServerResponse): void {
  const page = request.headers.accept?.includes('text/html') && request.method === 'GET'
  const body = page ? html : 'The site is starting. Try again in a few seconds.\n'
  response.writeHead(503, {
    'content-type': `text/${page ? 'html' : 'plain'}; charset=utf-8`,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'no-store',
    'retry-after': '2',
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2">
<title>Starting…</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 16px/1.5 system-ui, sans-serif;
    color: #1c2327; background: #f4f7f9 }
  @media (prefers-color-scheme: dark) { body { color: #e6eaed; background: #14181b } }
</style>
<p>The site is starting. This page tries again by itself.</p>
</html>
`
