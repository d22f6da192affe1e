'use client'

import { Keyboard, LogOut, Moon, SlidersHorizontal, SmilePlus, Sun, SunMoon } from 'lucide-react'
import { useState } from 'react'
import { useNow, useTranslations } from 'use-intl'
import { signOutHere } from '@/app/_session/sign-out'
import { currentStatus } from '@/features/profiles/schema'
import { useMe } from '@/features/profiles/store'
import { getTheme, setTheme, type Theme } from '@/lib/theme'
import { Avatar } from '@/ui/avatar'
import { Menu, type MenuEntry } from '@/ui/menu'
import { Name } from '@/ui/name'
import { useSlug, workspacePath } from '../location'
import { openDialog } from '../open-dialog'
import { PresenceDot } from '../presence-dot'

const themes = [
  { value: 'system', icon: <SunMoon size={16} /> },
  { value: 'light', icon: <Sun size={16} /> },
  { value: 'dark', icon: <Moon size={16} /> },
] as const satisfies { value: Theme; icon: unknown }[]

/** Me: how others see me, and what concerns only me. */
export function UserBar() {
  const t = useTranslations('app')
  const slug = useSlug()
  const me = useMe()
  // A status ends without anybody saying so.
  const now = useNow({ updateInterval: 60_000 })
  const [theme, choose] = useState<Theme>('system')
  if (!me) return null
  const status = currentStatus(me, now.getTime())
  const items: MenuEntry[] = [
    {
      label: status ? t('changeStatus') : t('setStatus'),
      icon: <SmilePlus size={16} />,
      onSelect: () => openDialog({ name: 'status' }),
    },
    { kind: 'separator' },
    {
      label: t('preferences'),
      icon: <SlidersHorizontal size={16} />,
      href: workspacePath(slug, 'preferences'),
    },
    {
      kind: 'submenu',
      label: t('theme'),
      icon: <SunMoon size={16} />,
      items: themes.map(({ value, icon }) => ({
        label: t(`theme_${value}`),
        icon,
        checked: theme === value,
        onSelect: () => {
          setTheme(value)
          choose(value)
        },
      })),
    },
    {
      label: t('shortcuts'),
      icon: <Keyboard size={16} />,
      shortcut: 'Mod+/',
      onSelect: () => openDialog({ name: 'shortcuts' }),
    },
    { kind: 'separator' },
    { label: t('signOut'), icon: <LogOut size={16} />, onSelect: signOutHere },
  ]
  return (
    <footer className="border-t p-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
      <Menu
        label={t('userMenu')}
        side="top"
        items={items}
        onOpenChange={(open) => open && choose(getTheme())}
        trigger={
          <button
            type="button"
            className="flex h-11 w-full items-center gap-2.5 rounded-control px-1.5 text-start hover:bg-hover aria-expanded:bg-hover"
          >
            <Avatar
              name={me.display_name}
              colorKey={me.id}
              src={me.avatar_url}
              size={28}
              badge={<PresenceDot userId={me.id} ring="ring-sunken" />}
            />
            <span className="grid min-w-0 flex-1">
              <Name className="font-medium text-nav leading-4.5">{me.display_name}</Name>
              <span className="truncate text-quiet text-xs">
                {status ? (
                  <>
                    {status.emoji} <bdi>{status.text}</bdi>
                  </>
                ) : (
                  `@${me.handle}`
                )}
              </span>
            </span>
          </button>
        }
      />
    </footer>
  )
}
