import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** An example of the public documentation, which is made from the comments of the client's own source. */
export type Example = { name: string; code: string; sql: string; response: Record<string, unknown> }

/** Every example of `postgrest-js` that says what it is run on and what it answers. */
export function documentedExamples(): Example[] {
  const client = createRequire(createRequire(import.meta.url).resolve('@supabase/supabase-js'))
  const folder = join(dirname(client.resolve('@supabase/postgrest-js')), '../src')
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap((file) => examplesOf(file.replace(/\.ts$/, ''), readFileSync(join(folder, file), 'utf8')))
}

function examplesOf(file: string, source: string): Example[] {
  const comments = source.matchAll(/\/\*\*([\s\S]*?)\*\/\s*([a-z]\w*)?/gi)
  return [...comments].flatMap(([, comment = '', method = '']) => {
    const text = comment.replace(/^\s*\* ?/gm, '')
    const blocks = (tag: string) =>
      new Map(
        [...text.matchAll(new RegExp(`@${tag} (.*)\\n+\`\`\`\\w*\\n([\\s\\S]*?)\n\\s*\`\`\``, 'g'))].map(
          // One has its fence twice.
          ([, name = '', block = '']) => [name.trim(), block.replace(/^\s*```\w*\n/, '')],
        ),
      )
    const [codes, sqls, responses] = [blocks('example'), blocks('exampleSql'), blocks('exampleResponse')]
    return [...codes].flatMap(([name, code]) => {
      const [sql, response] = [sqls.get(name), responses.get(name)]
      if (sql === undefined || response === undefined) return []
      return [{ name: `${file} ${method}: ${name}`, code, sql, response: parse(response) }]
    })
  })
}

function parse(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json) as Record<string, unknown>
  } catch {
    return { unreadable: json }
  }
}
