'use client'

import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Logo } from '@/ui/logo'
import { SampleConversation } from './sample-conversation'

/** What stands around signing in, creating and joining: the form, and beside it what the form leads to. */
export function EntryFrame({ children }: { children: ReactNode }) {
  const t = useTranslations('app')
  return (
    <div className="grid min-h-dvh grid-cols-[minmax(0,1fr)] lg:grid-cols-[minmax(28rem,2fr)_3fr]">
      <div className="flex flex-col px-6 py-6 md:px-12">
        <header className="flex items-center gap-2.5">
          <Logo />
          <span className="font-semibold text-base">{t('name')}</span>
        </header>
        <main className="mx-auto flex w-full max-w-[23rem] flex-1 flex-col justify-center py-10">
          {children}
        </main>
      </div>
      <SampleConversation />
    </div>
  )
}
