'use client'

import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { useForm } from '@/lib/use-form'
import { Button } from '@/ui/button'
import { DialogActions } from '@/ui/dialog-actions'
import { ErrorNotice } from '@/ui/error-notice'
import { TextArea } from '@/ui/text-area'
import { TextField } from '@/ui/text-field'
import { updateChannel } from './mutations'
import { checkChannelName, normalizeChannelName } from './name'
import type { Channel, ChannelRow } from './schema'

type Props = { channel: Channel; mayRename: boolean; onSaved(row: ChannelRow): void; onCancel(): void }

/** Only what was changed is sent, so two people who edit different fields do not undo each other. */
export function EditChannelForm({ channel, mayRename, onSaved, onCancel }: Props) {
  const t = useTranslations('channels')
  const ui = useTranslations('ui')
  const problem = useTranslations('errors')
  const errorText = useErrorText()
  const initial = { name: channel.name ?? '', topic: channel.topic, purpose: channel.purpose }
  const { form, field, problems, busy } = useForm({
    initial,
    check(values) {
      const wrong = values.name !== initial.name ? checkChannelName(values.name) : undefined
      return { name: wrong && problem(wrong) }
    },
    async submit(values) {
      const keys = (['name', 'topic', 'purpose'] as const).filter((key) => values[key] !== initial[key])
      if (keys.length === 0) return onCancel()
      const change = Object.fromEntries(keys.map((key) => [key, values[key]]))
      onSaved(await updateChannel(await getSupabase(), channel.id, change))
    },
    explain(error) {
      const { code } = toAppError(error)
      return { [/^(channel_name|name)_/.test(code) ? 'name' : 'form']: errorText(error) }
    },
  })
  const name = field('name')
  return (
    <form {...form} className="grid gap-3">
      <TextField
        {...name}
        label={t('name')}
        help={mayRename ? t('renameHelp') : t('renameRefused')}
        disabled={!mayRename}
        autoComplete="off"
        spellCheck={false}
        dir="auto"
        onChange={(value) => name.onChange(normalizeChannelName(value))}
      />
      <TextField {...field('topic')} label={t('topic')} help={t('topicHelp')} maxLength={250} dir="auto" />
      <TextArea
        {...field('purpose')}
        label={t('purpose')}
        help={t('purposeHelp')}
        maxLength={250}
        dir="auto"
      />
      {problems.form && <ErrorNotice>{problems.form}</ErrorNotice>}
      <DialogActions>
        <Button onClick={onCancel}>{ui('cancel')}</Button>
        <Button type="submit" variant="primary" busy={busy}>
          {t('save')}
        </Button>
      </DialogActions>
    </form>
  )
}
