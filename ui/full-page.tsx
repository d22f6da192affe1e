import type { ReactNode } from 'react'

type Props = { title: string; text?: ReactNode; action?: ReactNode; mark?: ReactNode }

/** A whole page that says one thing calmly: what happened and what to do now. */
export function FullPage({ title, text, action, mark }: Props) {
  return (
    <main className="grid min-h-dvh place-items-center bg-ground px-6 py-16">
      <div className="grid max-w-[26rem] justify-items-start gap-2">
        {mark && <div className="mb-4">{mark}</div>}
        <h1 className="text-balance font-semibold text-2xl">{title}</h1>
        {text && <p className="text-pretty text-base text-soft">{text}</p>}
        {action && <div className="mt-4 flex flex-wrap gap-2">{action}</div>}
      </div>
    </main>
  )
}
