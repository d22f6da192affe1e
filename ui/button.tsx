import { clsx } from 'clsx'
import type { ComponentProps } from 'react'
import { Spinner } from './spinner'

type Variant = 'primary' | 'secondary' | 'quiet' | 'danger'
type Size = 'sm' | 'md'
type Look = { variant?: Variant; size?: Size; wide?: boolean }
type Props = ComponentProps<'button'> & Look & { busy?: boolean }

const variants: Record<Variant, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover active:bg-accent-hover',
  secondary: 'border border-line-strong bg-ground text-ink hover:border-line-hover hover:bg-fill',
  quiet: 'text-soft hover:bg-hover hover:text-ink',
  danger: 'bg-danger text-on-danger hover:bg-danger-hover active:bg-danger-hover',
}

const sizes: Record<Size, string> = {
  sm: 'h-7 gap-1.5 px-2.5 text-sm',
  md: 'h-9 gap-2 px-3.5 text-nav leading-5',
}

/** The look of a button, for links that act as one. */
export function buttonClass({ variant = 'secondary', size = 'md', wide }: Look = {}) {
  return clsx(
    'touch-target inline-flex shrink-0 select-none items-center justify-center whitespace-nowrap rounded-control font-medium',
    'disabled:opacity-50 aria-disabled:opacity-60',
    variants[variant],
    sizes[size],
    wide && 'w-full',
  )
}

/** While busy it keeps its width, its focus and its place in the tab order, but does nothing. */
export function Button({ variant, size, wide, busy, className, children, onClick, type, ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type ?? 'button'}
      aria-busy={busy || undefined}
      aria-disabled={busy || rest['aria-disabled']}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={clsx(buttonClass({ variant, size, wide }), className)}
    >
      {busy ? (
        <>
          <span className="invisible inline-flex items-center gap-[inherit]">{children}</span>
          <span className="absolute inset-0 grid place-items-center">
            <Spinner size={14} />
          </span>
        </>
      ) : (
        children
      )}
    </button>
  )
}
