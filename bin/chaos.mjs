// npm run chaos [-- --seed N --kills N --sends N --minutes N --clients N --senders N --no-browsers --transport broadcast]: kills
// the product and cuts its lines while people use it, and compares them with the database; the seed, which it prints, decides
// the same again.
// In this process, so that a signal that ends the run reaches it.
import 'tsx'

await import('../e2e/chaos/main.ts')
