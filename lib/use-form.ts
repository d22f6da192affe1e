import { type FormEvent, useEffect, useRef, useState } from 'react'

type Values = Record<string, string>
type Problems<V extends Values> = { [K in keyof V | 'form']?: string }

type Options<V extends Values> = {
  initial: V
  /** What can be seen to be wrong before anything is sent; nothing = fine. */
  check?(values: V): Problems<V>
  submit(values: V): Promise<unknown>
  /** Where the text of a refusal belongs: a field, or the form as a whole. */
  explain(error: unknown): Problems<V>
}

/**
 * A form that keeps what was typed, shows each problem in its place and puts the focus on the first wrong field.
 * It sends one request at a time. After a success it stays busy: the screen is about to change.
 */
export function useForm<V extends Values>({ initial, check, submit, explain }: Options<V>) {
  const [values, setValues] = useState(initial)
  const [problems, setProblems] = useState<Problems<V>>({})
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const refused = useRef(false)

  useEffect(() => {
    if (!refused.current) return
    refused.current = false
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  })

  const refuse = (next: Problems<V>) => {
    refused.current = true
    setProblems(next)
    setBusy(false)
  }

  return {
    values,
    problems,
    busy,
    /** For fields that follow others: sets without touching the problems. */
    setValue: (name: keyof V, value: string) => setValues((current) => ({ ...current, [name]: value })),
    /** Shows problems that came another way than by sending the form. */
    refuse,
    /** For forms that stay on the screen after a success. */
    finish: () => setBusy(false),
    /** Spread on a text field. */
    field: (name: keyof V & string) => ({
      name,
      value: values[name] as string,
      error: problems[name],
      onChange(value: string) {
        setValues((current) => ({ ...current, [name]: value }))
        setProblems((current) => (current[name] ? { ...current, [name]: undefined } : current))
      },
    }),
    /** Spread on the `<form>`. */
    form: {
      ref: form,
      noValidate: true,
      onSubmit: async (event: FormEvent) => {
        event.preventDefault()
        if (busy) return
        const found = check?.(values) ?? {}
        if (Object.values(found).some(Boolean)) return refuse(found)
        setProblems({})
        setBusy(true)
        try {
          await submit(values)
        } catch (error) {
          refuse(explain(error))
        }
      },
    },
  }
}
