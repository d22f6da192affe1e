'use client'

import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { isBlank, lengthOf, slugify } from '@/lib/text'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { TextField } from '@/ui/text-field'
import { createWorkspace } from './mutations'
import type { Workspace } from './schema'

type Props = { onCreated(workspace: Workspace): void }

const SLUG_MAX = 48
const NAME_MAX = 80

export function CreateWorkspaceForm({ onCreated }: Props) {
  const t = useTranslations('workspaces')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  // The address follows the name until somebody writes their own.
  const [ownSlug, setOwnSlug] = useState(false)
  const { form, field, setValue, values, problems, busy } = useForm({
    initial: { name: '', slug: '' },
    check({ name, slug }) {
      const long = lengthOf(name.trim()) > NAME_MAX
      return {
        name: isBlank(name) ? problem('name_blank') : long ? problem('name_too_long') : undefined,
        slug: slug.length === 1 ? problem('workspace_slug_invalid') : undefined,
      }
    },
    submit: async (input) => onCreated(await createWorkspace(await getSupabase(), input)),
    explain(error) {
      const { code } = toAppError(error)
      const place = code.startsWith('workspace_slug') ? 'slug' : code.startsWith('name_') ? 'name' : 'form'
      return { [place]: errorText(error) }
    },
  })
  const name = field('name')
  const slug = field('slug')
  return (
    <form {...form} className="grid gap-3">
      <TextField
        {...name}
        label={t('name')}
        help={t('nameHelp')}
        autoComplete="organization"
        autoFocus
        dir="auto"
        onChange={(value) => {
          name.onChange(value)
          if (!ownSlug) setValue('slug', slugify(value, SLUG_MAX))
        }}
      />
      <TextField
        {...slug}
        label={t('address')}
        help={values.slug ? t('addressHelp', { slug: values.slug }) : t('addressHelpEmpty')}
        autoCapitalize="none"
        spellCheck={false}
        autoComplete="off"
        onChange={(value) => {
          setOwnSlug(value !== '')
          // A hyphen at the end stays while somebody is typing the next word.
          const typed = slugify(value, SLUG_MAX)
          slug.onChange(typed && /[^a-z0-9]$/i.test(value) ? `${typed}-`.slice(0, SLUG_MAX) : typed)
        }}
      />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <Button type="submit" variant="primary" wide busy={busy} className="mt-2 h-10">
        {t('create')}
      </Button>
    </form>
  )
}
