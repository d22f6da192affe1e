// npm run demo: fills a workspace with believable people, channels and messages, in the running installation or in
// one that it starts. The content is in supabase/demo; the same content gives the same demo, but for the password.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { ensureInstalled, fail, inProject } from './lib/project.mjs'

ensureInstalled()
const { connect } = await import('./demo/connect.mjs')
const { createAccounts, createPlaces, DOMAIN, liveIn, removeAll, writeMessages } = await import(
  './demo/fill.mjs'
)
const { writeScript } = await import('./demo/script.mjs')

const read = (name) => JSON.parse(readFileSync(inProject('supabase/demo', `${name}.json`), 'utf8'))
const content = { ...read('channels'), people: read('people'), scenes: read('scenes'), words: read('words') }
const { name, slug } = content.workspace
const { sql, server } = await connect()

const [known] = await sql`select id from public.workspaces where slug = ${slug}`
const [taken] = await sql`select id from auth.users where email like ${`%@${DOMAIN}`} limit 1`
if (known || taken) {
  await sql.end()
  const message = `The demo is already here (/w/${slug}); its password was shown when it was made. Nothing was changed.`
  if (!server) fail(message)
  console.error(message)
} else {
  const password = randomBytes(9).toString('base64url')
  const script = writeScript(content, Date.now())
  console.log(`Filling "${name}"…`)
  try {
    const ids = await createAccounts(sql, content.people, password)
    await createPlaces(sql, content, ids, script[0].at)
    await writeMessages(sql, script, ids)
    await liveIn(sql, content, script, ids)
  } catch (error) {
    await removeAll(sql, slug, content.people)
    throw error
  } finally {
    await sql.end()
  }
  const places = content.channels.length + content.directs.length
  console.log(`
${name}: ${content.people.length} people, ${places} conversations, ${script.length.toLocaleString('en')} messages.

  Open      /w/${slug}
  Sign in   ${content.people.map(({ email, role }) => `${`${email}@${DOMAIN}`.padEnd(38)} ${role}`).join('\n            ')}
  Password  ${password}   (of all of them)
`)
}
if (server) await once(server, 'exit')
