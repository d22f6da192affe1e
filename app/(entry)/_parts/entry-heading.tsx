import type { ReactNode } from 'react'

type Props = { title: string; children?: ReactNode }

export function EntryHeading({ title, children }: Props) {
  return (
    <header className="mb-6 grid gap-1.5">
      <title>{title}</title>
      <h1 className="text-balance break-words font-semibold text-2xl">{title}</h1>
      {children && <p className="text-pretty text-base text-quiet">{children}</p>}
    </header>
  )
}
