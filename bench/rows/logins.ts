import { connectDatabase } from '../../e2e/database'
import { startProduct } from '../../e2e/product'
import type { Common } from '../bench'
import { makeCrowdIn } from '../crowd'
import { loginHash } from '../jobs/logins'
import { runJob } from '../run-job'

const CONNECTIONS = 8

/** Sign-ins beside the machine's bcrypt, and what they do to those who chat meanwhile. */
export async function logins(bench: Common) {
  // Everybody comes from one address here; how often they may is not what this row is about.
  const product = await startProduct({ verb: 'backend', env: { RATE_LIMIT_SIGN_INS: '1000000' } })
  try {
    const { people, shared } = await makeCrowdIn(product, 600)
    const encrypted = await loginHash()
    const sql = connectDatabase(product.secrets.databaseUrl, { max: 1 })
    await sql`update auth.users set encrypted_password = ${encrypted}`
    await sql.end()
    const { seconds } = bench
    const reach = { url: product.url, key: product.secrets.publishableKey }
    const emails = people.map(({ email }) => email)
    const signIn = (length: number) =>
      runJob('logins', { ...reach, emails, seconds: length, connections: CONNECTIONS })
    const chat = () =>
      runJob('deliveries', { ...reach, people, channelId: shared, sockets: 200, perSecond: 10, seconds })
    await signIn(2)
    for (let repeat = 0; repeat < bench.repeats; repeat++) {
      const bound = await runJob('bcryptBound', { seconds })
      bench.add('logins', await signIn(seconds), bound)
      const quiet = await chat()
      // Longer than the chat, which takes its time to open the sockets.
      const [, busy] = await Promise.all([signIn(seconds + 4), chat()])
      if (quiet.lost + busy.lost > 0) throw new Error('deliveries were lost')
      bench.add('logins-chat-p99', busy.p99 / quiet.p99)
      bench.note(
        'chat while people sign in',
        `p99 ${busy.p99.toFixed(1)} ms, quiet ${quiet.p99.toFixed(1)} ms`,
      )
    }
  } finally {
    await product.stop()
  }
}
