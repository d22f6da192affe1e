import { escapeHtml, textsIn } from './texts'

/**
 * The page behind a link of a mail. Programs that guard mailboxes open every link before the person does, and GoTrue's
 * links are used up by that; they do not press buttons, so only the button uses ours up. Without scripts, without
 * anything from elsewhere, and the token leaves in no Referer.
 */
export function confirmPage(
  { token, type, target }: { token: string; type: string; target: string },
  site: string,
  acceptLanguage: string | undefined,
): Response {
  const { language, texts } = textsIn(...(acceptLanguage ?? '').split(',').map((each) => each.trim()))
  const { title, body, button } = texts.page
  const fields = Object.entries({ token, type, redirect_to: target }).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  )
  const html = `<!doctype html><html lang="${language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title><style>
:root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-content:center;padding:24px;
font:16px/24px system-ui,sans-serif;text-align:center}h1{font-size:20px;line-height:28px;margin:0 0 8px}
p{margin:0 0 24px;max-width:360px}button{font:inherit;padding:10px 24px;border:0;border-radius:8px;cursor:pointer;
background:CanvasText;color:Canvas}small{display:block;margin-top:24px;opacity:.7}</style></head><body><main>
<h1>${escapeHtml(title)}</h1><p>${escapeHtml(body)}</p>
<form method="post" action="/auth/v1/verify">${fields.join('')}<button autofocus>${escapeHtml(button)}</button></form>
<small>${escapeHtml(new URL(site).host)}</small></main></body></html>`
  return new Response(html, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    },
  })
}
