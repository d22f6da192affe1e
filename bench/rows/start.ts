import { type Product, startProduct } from '../../e2e/product'
import type { Common } from '../bench'
import { makeCrowdIn } from '../crowd'
import { openConnection } from '../http-connection'
import { messageBody } from '../jobs/job'
import { SEND_PATH, sendHeaders } from '../jobs/rest-sends'
import { millisecondsSince, now } from '../open-loop'
import { runJob } from '../run-job'

/** From the command to the first page, and from a kill of every process to the first acknowledged message. */
export async function start(bench: Common) {
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    const line = await runJob('barePostgres', undefined)
    const begun = now()
    const product = await startProduct()
    try {
      await firstPage(product)
      bench.add('start-empty', millisecondsSince(begun) / 1000, line.empty)

      await product.quit()
      const again = now()
      await product.start()
      await firstPage(product)
      bench.add('start-again', millisecondsSince(again) / 1000, line.again)

      bench.add('start-after-kill', await killUnderLoad(product), line.afterKill)
    } finally {
      await product.stop()
    }
  }
}

async function firstPage({ url }: Product) {
  const response = await fetch(`${url}/sign-in`)
  if (!response.ok) throw new Error(`the sign-in page answered ${response.status}`)
  await response.text()
}

async function killUnderLoad(product: Product): Promise<number> {
  const { people, shared } = await makeCrowdIn(product, 8)
  const senders = await Promise.all(
    people.map(({ token }) =>
      openConnection(product.url, sendHeaders(product.secrets.publishableKey, token)),
    ),
  )
  const body = (index: number) =>
    JSON.stringify({ id: crypto.randomUUID(), channel_id: shared, body: messageBody(index) })
  let acks = 0
  const load = senders.map(async (sender) => {
    for (;;) if ((await sender.send(SEND_PATH, body(acks))).status === 201) acks++
  })
  while (acks < 500) await Promise.race([...load, new Promise((resolve) => setTimeout(resolve, 10))])
  const killed = now()
  await product.killEverything()
  await Promise.allSettled(load)
  await product.start()
  const [person] = people
  const headers = sendHeaders(product.secrets.publishableKey, person?.token as string)
  const connection = await openConnection(product.url, headers)
  const answer = await connection.send(SEND_PATH, body(acks))
  connection.close()
  if (answer.status !== 201) throw new Error(`the first send answered ${answer.status} ${answer.body}`)
  return millisecondsSince(killed) / 1000
}
