import type { ReactNode } from 'react'

type Props = { title: string; text?: ReactNode; children: ReactNode }

/** A part of a settings screen, with a line above the next one. */
export function Block({ title, text, children }: Props) {
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-5 border-b py-8 first:pt-2 last:border-0">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
        <h2 className="font-semibold text-lg">{title}</h2>
        {text && <p className="break-words text-quiet text-sm">{text}</p>}
      </div>
      {children}
    </section>
  )
}
