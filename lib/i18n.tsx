'use client'

import type { ReactNode } from 'react'
import { IntlProvider } from 'use-intl'
import messages from '@/locales/en.json'
import { LOCALE } from './locale'

declare module 'use-intl' {
  interface AppConfig {
    Messages: typeof messages
  }
}

const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** Gives every component below `useTranslations` and `useFormatter`. Times are in the reader's own zone. */
export function I18nProvider({ children }: { children: ReactNode }) {
  return (
    <IntlProvider locale={LOCALE} messages={messages} timeZone={timeZone}>
      {children}
    </IntlProvider>
  )
}
