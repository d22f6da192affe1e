type Cookie = { name: string; value: string; host: string; path: string }

/** A page that a browser came to, or the address of one that is on no server here. */
export type Page = { url: URL; response: Response | null }

/** What of a browser a sign-in needs: it follows redirects and keeps cookies. */
export class Browser {
  private cookies: Cookie[] = []

  /** Goes to an address and on to wherever that leads, until `stopAt`, without it until another server. */
  async open(address: string, stopAt?: string, init: RequestInit = {}): Promise<Page> {
    let url = new URL(address)
    const own = url.origin
    let request: RequestInit = init
    for (let hop = 0; hop < 20; hop++) {
      const isElsewhere = stopAt ? url.href.startsWith(stopAt) : url.origin !== own
      if (isElsewhere) return { url, response: null }
      const response = await this.request(url, request)
      const location = response.headers.get('location')
      if (response.status < 300 || response.status > 399 || location === null) return { url, response }
      const next = new URL(location, url)
      // A fragment goes along, as in a browser, unless the next address has one.
      if (!next.hash) next.hash = url.hash
      url = next
      request = {}
    }
    throw new Error('redirected for ever')
  }

  /** One request with the cookies that belong to it. */
  async request(url: URL, init: RequestInit = {}): Promise<Response> {
    const own = this.cookies.filter(
      ({ host, path }) => host === url.hostname && url.pathname.startsWith(path),
    )
    const headers = new Headers(init.headers)
    if (own.length > 0) headers.set('cookie', own.map(({ name, value }) => `${name}=${value}`).join('; '))
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) this.keep(line, url)
    return response
  }

  private keep(line: string, url: URL): void {
    const [pair = '', ...attributes] = line.split(/;\s*/)
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/'
    const isOver =
      value === '' ||
      attributes.some((each) => /^max-age=0$/i.test(each) || /expires=thu, 01 jan 1970/i.test(each))
    this.cookies = this.cookies.filter((each) => each.name !== name || each.path !== path)
    if (!isOver) this.cookies.push({ name, value, host: url.hostname, path })
  }
}
