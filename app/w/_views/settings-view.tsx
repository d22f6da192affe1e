'use client'

import { Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { isAdmin } from '@/features/workspaces/schema'
import { applyWorkspace, useCurrentWorkspace } from '@/features/workspaces/store'
import { WorkspaceForm } from '@/features/workspaces/workspace-form'
import { lazyPart } from '@/lib/lazy-part'
import { EmptyState } from '@/ui/empty-state'
import { Tabs } from '@/ui/tabs'
import { showToast } from '@/ui/toast'
import { navigate, useLocation, workspacePath } from '../_frame/location'
import { ScreenHeader } from '../_frame/screen-header'
import { InvitationList } from './invitation-list'
import { LeaveWorkspace } from './leave-workspace'
import { ListSkeleton } from './list-skeleton'
import { MemberList } from './member-list'

const SecuritySettings = lazyPart(() => import('./security-settings'))

type Tab = 'general' | 'members' | 'invitations' | 'security'

/** The workspace itself: name, people and their roles, invitations. */
export default function SettingsView() {
  const t = useTranslations('settings')
  const app = useTranslations('app')
  const workspace = useCurrentWorkspace()
  const { slug, view } = useLocation()
  const [chosen, setChosen] = useState<Tab>('general')
  if (!workspace) return null
  if (workspace.role === 'guest') {
    return (
      <>
        <ScreenHeader title={app('settings')} />
        <EmptyState title={t('notForYou')} text={t('notForYouText')} />
      </>
    )
  }
  const admin = isAdmin(workspace.role)
  const owner = workspace.role === 'owner'
  const tab: Tab = view.name === 'invitations' ? 'invitations' : chosen
  const choose = (next: Tab) => {
    setChosen(next)
    navigate(workspacePath(slug, next === 'invitations' ? 'invitations' : 'settings'), { replace: true })
  }
  return (
    <>
      <ScreenHeader title={app('settings')} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto w-full max-w-[46rem] px-4 pt-2 pb-12 md:px-6">
          <Tabs
            label={app('settings')}
            value={tab}
            onChange={choose}
            tabs={[
              { value: 'general', label: t('general') },
              { value: 'members', label: t('members'), count: workspace.member_count },
              { value: 'invitations', label: t('invitations') },
              ...(owner ? [{ value: 'security' as const, label: t('security') }] : []),
            ]}
          >
            <div className="pt-6">
              {tab === 'general' && (
                <div className="grid gap-8">
                  {admin ? (
                    <WorkspaceForm
                      key={workspace.id}
                      workspace={workspace}
                      onPicture={applyWorkspace}
                      onSaved={(row) => {
                        applyWorkspace(row)
                        showToast(t('saved'))
                        if (row.slug !== slug)
                          navigate(workspacePath(row.slug, 'settings'), { replace: true })
                      }}
                    />
                  ) : (
                    <p className="text-quiet">{t('adminsOnly')}</p>
                  )}
                  <LeaveWorkspace workspace={workspace} />
                </div>
              )}
              {tab === 'members' && <MemberList workspace={workspace} />}
              {tab === 'invitations' && <InvitationList workspace={workspace} />}
              {tab === 'security' && owner && (
                <Suspense fallback={<ListSkeleton />}>
                  <SecuritySettings key={workspace.id} workspace={workspace} />
                </Suspense>
              )}
            </div>
          </Tabs>
        </div>
      </div>
    </>
  )
}
