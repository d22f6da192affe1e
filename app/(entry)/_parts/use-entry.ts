'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { useSession, watchSession } from '@/features/auth/session'
import { safePath } from '@/lib/safe-path'

/** Signing in leads to where the person wanted to go; somebody who is signed in already goes there at once. */
export function useEntry(next: string | undefined) {
  const router = useRouter()
  const session = useSession()
  const target = safePath(next, '/')
  useEffect(watchSession, [])
  useEffect(() => {
    if (session.status === 'in') router.replace(target)
  }, [session.status, router, target])
  return { session, target, query: next ? `?next=${encodeURIComponent(target)}` : '' }
}
