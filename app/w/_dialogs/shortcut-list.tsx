'use client'

import { useTranslations } from 'use-intl'
import { Dialog } from '@/ui/dialog'
import { Kbd } from '@/ui/kbd'

const groups = [
  {
    key: 'moving',
    items: [
      ['jump', 'Mod+K'],
      ['search', 'Mod+G'],
      ['nextChannel', 'Alt+Down'],
      ['previousChannel', 'Alt+Up'],
      ['nextUnread', 'Alt+Shift+Down'],
      ['previousUnread', 'Alt+Shift+Up'],
      ['regions', 'F6'],
      ['closePane', 'Mod+.'],
      ['list', 'Mod+/'],
    ],
  },
  {
    key: 'writing',
    items: [
      ['send', 'Enter'],
      ['newline', 'Shift+Enter'],
      ['editLast', 'Up'],
      ['cancel', 'Esc'],
      ['bold', 'Mod+B'],
      ['italic', 'Mod+I'],
    ],
  },
] as const

export default function ShortcutList({ onClose }: { onClose(): void }) {
  const t = useTranslations('shortcuts')
  return (
    <Dialog title={t('title')} size="lg" onClose={onClose}>
      <div className="grid gap-x-12 gap-y-6 md:grid-cols-2">
        {groups.map(({ key, items }) => (
          <section key={key}>
            <h3 className="mb-1 font-medium text-quiet text-sm">{t(key)}</h3>
            <dl>
              {items.map(([name, keys]) => (
                <div
                  key={name}
                  className="flex items-center justify-between gap-4 border-b py-2 last:border-0"
                >
                  <dt className="text-base">{t(name)}</dt>
                  <dd>
                    <Kbd keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
