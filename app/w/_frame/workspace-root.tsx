'use client'

import { SessionGuard } from '@/app/_session/session-guard'
import { openEarly } from '../[slug]/_sync/early'
import { Frame } from './frame'
import { FrameSkeleton } from './frame-skeleton'
import { useSlug } from './location'
import { WorkspaceData } from './workspace-data'

if (typeof window !== 'undefined') openEarly()

/** Everything under /w: a session first, then the workspace's data, then the frame with its screens. */
export function WorkspaceRoot() {
  const slug = useSlug()
  return (
    <SessionGuard waiting={<FrameSkeleton />}>
      {slug ? (
        <WorkspaceData slug={slug}>
          <Frame />
        </WorkspaceData>
      ) : (
        <FrameSkeleton />
      )}
    </SessionGuard>
  )
}
