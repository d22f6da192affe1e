'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { SessionGuard } from '@/app/_session/session-guard'
import { SignedInAs } from '@/app/_session/signed-in-as'
import { CreateWorkspaceForm } from '@/features/workspaces/create-workspace-form'
import { EntryHeading } from '../../_parts/entry-heading'

export function CreateWorkspaceScreen() {
  const t = useTranslations('entry')
  const router = useRouter()
  return (
    <SessionGuard>
      <EntryHeading title={t('createTitle')}>{t('createText')}</EntryHeading>
      <CreateWorkspaceForm onCreated={({ slug }) => router.replace(`/w/${slug}`)} />
      <SignedInAs />
    </SessionGuard>
  )
}
