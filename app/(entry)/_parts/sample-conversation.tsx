'use client'

import { useTranslations } from 'use-intl'

/** Avatars are classes here: this is drawn by the server, and the page's policy allows no inline styles. */
const rows = [
  {
    key: 'a',
    time: '9:02',
    look: 'bg-[light-dark(oklch(0.9_0.05_282),oklch(0.37_0.06_282))] text-[light-dark(oklch(0.39_0.09_282),oklch(0.9_0.06_282))]',
  },
  {
    key: 'b',
    time: '9:04',
    look: 'bg-[light-dark(oklch(0.9_0.05_48),oklch(0.37_0.06_48))] text-[light-dark(oklch(0.39_0.09_48),oklch(0.9_0.06_48))]',
  },
  {
    key: 'c',
    time: '9:11',
    look: 'bg-[light-dark(oklch(0.9_0.05_172),oklch(0.37_0.06_172))] text-[light-dark(oklch(0.39_0.09_172),oklch(0.9_0.06_172))]',
  },
] as const

/** Decoration, drawn with the same measures as real messages. */
export function SampleConversation() {
  const t = useTranslations('entry.sample')
  return (
    <div aria-hidden className="hidden border-s bg-sunken lg:grid lg:place-items-center lg:px-16">
      <div className="w-full max-w-[34rem]">
        <div className="mb-8 flex items-center gap-4 text-quiet text-xs">
          <span className="h-px flex-1 bg-line-strong" />
          <span className="font-medium">{t('today')}</span>
          <span className="h-px flex-1 bg-line-strong" />
        </div>
        {rows.map(({ key, time, look }) => (
          <div key={key} className="mb-6 flex gap-3">
            <span
              className={`grid size-9 shrink-0 place-items-center rounded-full font-semibold text-sm ${look}`}
            >
              {t(`${key}.initials`)}
            </span>
            <div className="grid gap-1">
              <p className="flex items-baseline gap-2">
                <span className="font-semibold">{t(`${key}.name`)}</span>
                <time className="text-quiet text-xs">{time}</time>
              </p>
              <p className="text-pretty">{t(`${key}.text`)}</p>
              {key === 'b' && (
                <p className="mt-1 flex gap-1.5 text-xs">
                  <span className="rounded-full border border-accent-line bg-accent-fill px-2 py-0.5 font-medium text-accent-ink">
                    👀 3
                  </span>
                  <span className="rounded-full border bg-ground px-2 py-0.5 font-medium text-soft">
                    🙌 2
                  </span>
                </p>
              )}
            </div>
          </div>
        ))}
        <p className="ms-12 flex items-center gap-2 text-quiet text-sm">
          <span className="flex gap-1">
            {['', '[animation-delay:200ms]', '[animation-delay:400ms]'].map((delay) => (
              <span key={delay} className={`size-1.5 animate-pulse rounded-full bg-faint ${delay}`} />
            ))}
          </span>
          {t('typing')}
        </p>
      </div>
    </div>
  )
}
