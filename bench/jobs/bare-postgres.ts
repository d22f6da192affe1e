import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from '../../backend/postgres/cluster'
import { millisecondsSince, now } from '../open-loop'

/** The physical line for a start: PostgreSQL alone, made, started again, and recovering from a crash; in seconds. */
export async function barePostgres() {
  const dataFolder = await mkdtemp(join(tmpdir(), 'enterprise-chat-bench-'))
  await chmod(dataFolder, 0o711)
  const timed = async () => {
    const begun = now()
    const cluster = await startCluster({ dataFolder, password: 'bench', log: () => {} })
    return { cluster, seconds: millisecondsSince(begun) / 1000 }
  }
  try {
    const empty = await timed()
    await empty.cluster.stop('fast')
    const again = await timed()
    await again.cluster.stop('immediate')
    const recovered = await timed()
    await recovered.cluster.stop('fast')
    return { empty: empty.seconds, again: again.seconds, afterKill: recovered.seconds }
  } finally {
    await rm(dataFolder, { recursive: true, force: true })
  }
}
