import { expect, test } from 'vitest'
import { decodeHTMLStrict } from './entities'

test('decodes the names it knows and leaves everything else', () => {
  expect(decodeHTMLStrict('&lt;b&gt; &amp;&nbsp;&euro;')).toBe('<b> &\u00a0€')
  for (const text of ['&lt', '&nothing;', '&constructor;', '&__proto__;', '&AMP;', 'R&D; ok'])
    expect(decodeHTMLStrict(text)).toBe(text)
})
