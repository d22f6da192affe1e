'use client'

import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { isBlank, lengthOf, slugify } from '@/lib/text'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'
import { TextField } from '@/ui/text-field'
import { IconField } from './icon-field'
import { updateWorkspace } from './mutations'
import type { Workspace } from './schema'

type Props = {
  workspace: Workspace
  onSaved(row: Pick<Workspace, 'id' | 'slug' | 'name' | 'icon'>): void
  onPicture(row: Pick<Workspace, 'id' | 'icon_url'>): void
}

const NAME_MAX = 80
const isEmoji = (text: string) =>
  /^(\p{Extended_Pictographic}|\p{Emoji_Presentation}|\p{RI}{2})[\p{M}\p{Cf}\p{Emoji}]*$/u.test(text)

export function WorkspaceForm({ workspace, onSaved, onPicture }: Props) {
  const t = useTranslations('workspaces')
  const ui = useTranslations('ui')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const { form, field, values, problems, busy, finish } = useForm({
    initial: { name: workspace.name, icon: workspace.icon ?? '', slug: workspace.slug },
    check({ name, icon }) {
      const long = lengthOf(name.trim()) > NAME_MAX
      return {
        name: isBlank(name) ? problem('name_blank') : long ? problem('name_too_long') : undefined,
        icon: icon.trim() && !isEmoji(icon.trim()) ? t('iconInvalid') : undefined,
      }
    },
    async submit({ name, icon, slug }) {
      const change = { name: name.trim(), icon: icon.trim() || null, slug }
      onSaved(await updateWorkspace(await getSupabase(), workspace.id, change))
      finish()
    },
    explain(error) {
      const { code } = toAppError(error)
      const place = code.startsWith('workspace_slug') ? 'slug' : code.startsWith('name_') ? 'name' : 'form'
      return { [place]: errorText(error) }
    },
  })
  const slug = field('slug')
  return (
    <form {...form} className="grid max-w-[28rem] gap-3">
      <IconField
        workspace={workspace}
        name={values.name}
        icon={values.icon.trim() || null}
        onSaved={onPicture}
      />
      <TextField {...field('name')} label={t('name')} help={t('nameHelp')} dir="auto" />
      <TextField
        {...field('icon')}
        label={t('icon')}
        optional={ui('optional')}
        help={t('iconHelp')}
        maxLength={16}
      />
      <TextField
        {...slug}
        label={t('address')}
        help={t('addressChange', { slug: values.slug })}
        autoCapitalize="none"
        spellCheck={false}
        onChange={(value) => slug.onChange(/-$/.test(value) ? `${slugify(value, 47)}-` : slugify(value, 48))}
      />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <div>
        <Button type="submit" variant="primary" busy={busy}>
          {t('save')}
        </Button>
      </div>
    </form>
  )
}
