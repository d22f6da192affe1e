'use client'

import '@/lib/arrivals'
import type { ReactNode } from 'react'
import { I18nProvider } from '@/lib/i18n'
import { Toaster } from '@/ui/toast'
import { TooltipLayer } from '@/ui/tooltip-layer'

export function Providers({ children }: { children: ReactNode }) {
  return (
    <I18nProvider>
      {children}
      <Toaster />
      <TooltipLayer />
    </I18nProvider>
  )
}
