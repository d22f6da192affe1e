'use client'

import { X } from 'lucide-react'
import { useEffect, useSyncExternalStore } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from './button'
import { IconButton } from './icon-button'

type Toast = { id: number; text: string; action?: { label: string; run(): void } }

const SHOWN_MS = 5000
/** Time to reach for "Undo". */
const SHOWN_WITH_ACTION_MS = 9000

let toasts: Toast[] = []
let lastId = 0
const listeners = new Set<() => void>()
const change = (next: Toast[]) => {
  toasts = next
  for (const listener of listeners) listener()
}
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
const none: Toast[] = []

/** Says something that happened elsewhere on the screen. At most three at a time. */
export function showToast(text: string, action?: Toast['action']) {
  lastId += 1
  change([...toasts.slice(-2), { id: lastId, text, action }])
}

const dismiss = (id: number) => change(toasts.filter((toast) => toast.id !== id))

function ToastRow({ toast }: { toast: Toast }) {
  const t = useTranslations('ui')
  useEffect(() => {
    const timer = setTimeout(() => dismiss(toast.id), toast.action ? SHOWN_WITH_ACTION_MS : SHOWN_MS)
    return () => clearTimeout(timer)
  }, [toast])
  return (
    <div className="pointer-events-auto flex max-w-[min(28rem,100%)] animate-rise items-center gap-2 rounded-card bg-ink py-2 ps-4 pe-2 text-ground text-nav leading-5 shadow-float">
      <span className="min-w-0 flex-1 break-words">{toast.text}</span>
      {toast.action && (
        <Button
          size="sm"
          variant="quiet"
          className="text-ground! underline underline-offset-2 hover:bg-ground/15!"
          onClick={() => {
            toast.action?.run()
            dismiss(toast.id)
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <IconButton
        label={t('dismiss')}
        size="sm"
        icon={<X size={16} />}
        className="text-ground! hover:bg-ground/15!"
        onClick={() => dismiss(toast.id)}
      />
    </div>
  )
}

/** Mounted once at the root. */
export function Toaster() {
  const shown = useSyncExternalStore(
    subscribe,
    () => toasts,
    () => none,
  )
  return (
    <div
      role="status"
      // On a phone the foot of the screen is where one writes and where sheets have their buttons.
      className="pointer-events-none fixed inset-x-4 top-15 z-60 grid justify-items-center gap-2 md:top-auto md:bottom-[calc(1rem+env(safe-area-inset-bottom))] md:justify-items-start max-md:[body:has([data-over-top])_&]:top-32"
    >
      {shown.map((toast) => (
        <ToastRow key={toast.id} toast={toast} />
      ))}
    </div>
  )
}
