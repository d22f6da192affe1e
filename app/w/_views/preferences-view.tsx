'use client'

import { Moon, Sun, SunMoon } from 'lucide-react'
import { Suspense, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useSession } from '@/features/auth/session'
import { setSendWith, useSendWith } from '@/features/composer/preferences'
import { AvatarField } from '@/features/profiles/avatar-field'
import { ProfileForm } from '@/features/profiles/profile-form'
import { applyPeople, useMe } from '@/features/profiles/store'
import { lazyPart } from '@/lib/lazy-part'
import { getTheme, setTheme, type Theme } from '@/lib/theme'
import { SegmentedControl } from '@/ui/segmented-control'
import { Tabs } from '@/ui/tabs'
import { showToast } from '@/ui/toast'
import { navigate, useLocation, workspacePath } from '../_frame/location'
import { ScreenHeader } from '../_frame/screen-header'
import { Block } from './block'
import { ListSkeleton } from './list-skeleton'

const icons = {
  system: <SunMoon size={15} aria-hidden />,
  light: <Sun size={15} aria-hidden />,
  dark: <Moon size={15} aria-hidden />,
}

const AccountSection = lazyPart(() => import('./account-section'))

/** How others see me, and how the interface looks on this device. */
export default function PreferencesView() {
  const t = useTranslations('preferences')
  const app = useTranslations('app')
  const me = useMe()
  const session = useSession()
  const sendWith = useSendWith()
  const { slug, view } = useLocation()
  const tab = view.name === 'account' ? 'account' : 'preferences'
  const [theme, choose] = useState<Theme>('system')
  useEffect(() => choose(getTheme()), [])
  if (!me) return null
  return (
    <>
      <ScreenHeader title={app('preferences')} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto w-full max-w-[46rem] px-4 pt-2 pb-12 md:px-6">
          <Tabs
            label={app('preferences')}
            value={tab}
            onChange={(next) => navigate(workspacePath(slug, next), { replace: true })}
            tabs={[
              { value: 'preferences', label: t('general') },
              { value: 'account', label: t('account') },
            ]}
          >
            <div className="pt-6">
              {tab === 'account' ? (
                <Suspense fallback={<ListSkeleton />}>
                  <AccountSection />
                </Suspense>
              ) : (
                <>
                  <Block title={t('profile')} text={session.status === 'in' ? session.email : null}>
                    <div className="flex flex-wrap items-center gap-4">
                      <AvatarField me={me} onSaved={(person) => applyPeople([person])} />
                      <div className="min-w-0">
                        <p className="truncate font-semibold text-lg">
                          <bdi>{me.display_name}</bdi>
                        </p>
                        <p className="truncate text-quiet">@{me.handle}</p>
                      </div>
                    </div>
                    <ProfileForm
                      key={me.id}
                      me={me}
                      onSaved={(person) => {
                        applyPeople([person])
                        showToast(t('saved'))
                      }}
                    />
                  </Block>
                  <Block title={t('appearance')} text={t('appearanceText')}>
                    <SegmentedControl
                      label={app('theme')}
                      value={theme}
                      className="max-w-[28rem]"
                      options={(['system', 'light', 'dark'] as const).map((value) => ({
                        value,
                        label: app(`theme_${value}`),
                        icon: icons[value],
                      }))}
                      onChange={(value) => {
                        setTheme(value)
                        choose(value)
                      }}
                    />
                  </Block>
                  <Block title={t('sendWith')} text={t('sendWithText')}>
                    <SegmentedControl
                      label={t('sendWith')}
                      value={sendWith}
                      className="max-w-[28rem]"
                      onChange={setSendWith}
                      options={[
                        { value: 'enter', label: t('sendWithEnter') },
                        { value: 'mod-enter', label: t('sendWithMod') },
                      ]}
                    />
                  </Block>
                </>
              )}
            </div>
          </Tabs>
        </div>
      </div>
    </>
  )
}
