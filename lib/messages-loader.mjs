import compile from 'icu-minify/compile'

const compileAll = (messages) =>
  Object.fromEntries(
    Object.entries(messages).map(([key, value]) => [
      key,
      typeof value === 'string' ? compile(value) : compileAll(value),
    ]),
  )

/**
 * A loader of the bundler: texts are parsed while the site is built, so the browser needs no parser for them. In tests
 * and in an editor the JSON is what it is.
 */
export default function messagesLoader(source) {
  return `export default ${JSON.stringify(compileAll(JSON.parse(source)))}`
}
