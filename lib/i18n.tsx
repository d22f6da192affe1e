'use client'

import type { ReactNode } from 'react'
import { IntlProvider } from 'use-intl'
import messages from '@/locales/en.json'

declare module 'use-intl' {
  interface AppConfig {
    Messages: typeof messages
  }
}

/** Gives every component below `useTranslations` and `useFormatter`. Times are in the reader's own zone. */
export function I18nProvider({ children }: { children: ReactNode }) {
  return (
    <IntlProvider locale="en" messages={messages}>
      {children}
    </IntlProvider>
  )
}
