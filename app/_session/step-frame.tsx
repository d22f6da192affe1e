import type { ReactNode } from 'react'
import { Logo } from '@/ui/logo'

type Props = { title: string; text: string; children: ReactNode }

/** One step between signing in and the work. */
export function StepFrame({ title, text, children }: Props) {
  return (
    <main className="grid min-h-dvh justify-items-center overflow-y-auto bg-ground px-6 py-10 md:content-center">
      <title>{title}</title>
      <div className="grid w-full max-w-[26rem] content-start">
        <div className="mb-6">
          <Logo size={36} />
        </div>
        <header className="mb-6 grid gap-1.5">
          <h1 className="text-balance break-words font-semibold text-2xl">{title}</h1>
          <p className="text-pretty break-words text-base text-quiet">{text}</p>
        </header>
        {children}
      </div>
    </main>
  )
}
