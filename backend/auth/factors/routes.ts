import type { Hono } from 'hono'
import type { Auth, AuthEnv } from '../auth'
import { notImplemented } from '../auth-error'
import { deleteFactor, listFactors, updateFactor } from './admin-factors'
import { challengeFactor } from './challenge'
import { enrollFactor } from './enroll'
import { unenrollFactor } from './unenroll'
import { verifyFactor } from './verify'

/** Second factors: their set-up, their proof and their end. */
export function factorRoutes(app: Hono<AuthEnv>, auth: Auth): void {
  // The product's recovery codes are functions of its database; what GoTrue has of them is not here.
  for (const path of ['/factors/recovery-codes', '/factors/recovery-codes/*']) {
    app.all(path, (c) => {
      throw notImplemented(`${c.req.method} ${c.req.path}`)
    })
  }
  app.post('/factors', enrollFactor(auth))
  app.post('/factors/:id/challenge', challengeFactor(auth))
  app.post('/factors/:id/verify', verifyFactor(auth))
  app.delete('/factors/:id', unenrollFactor(auth))
  app.get('/admin/users/:id/factors', listFactors(auth))
  app.put('/admin/users/:id/factors/:factorId', updateFactor(auth))
  app.delete('/admin/users/:id/factors/:factorId', deleteFactor(auth))
}
