'use client'
import { Hash, Settings } from 'lucide-react'
import { useState } from 'react'
import { Avatar } from '@/ui/avatar'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { EmptyState } from '@/ui/empty-state'
import { ErrorNotice } from '@/ui/error-notice'
import { IconButton } from '@/ui/icon-button'
import { Menu } from '@/ui/menu'
import { SegmentedControl } from '@/ui/segmented-control'
import { Select } from '@/ui/select'
import { Skeleton } from '@/ui/skeleton'
import { StatusDot } from '@/ui/status-dot'
import { Switch } from '@/ui/switch'
import { Tabs } from '@/ui/tabs'
import { TextArea } from '@/ui/text-area'
import { TextField } from '@/ui/text-field'

export default function Gallery() {
  const [tab, setTab] = useState<'a' | 'b'>('a')
  const [on, setOn] = useState(true)
  const [open, setOpen] = useState(false)
  return (
    <div className="grid gap-4 p-8">
      <h1 className="font-semibold text-2xl">Gallery 28 “quiet type” 0123456789</h1>
      <p className="text-quiet">Quiet text on ground. <span className="text-soft">Soft text.</span> <span className="text-faint">Faint.</span> <code className="font-mono">const x = 1</code></p>
      <div className="flex gap-2">
        <Button variant="primary">Create channel</Button><Button>Cancel</Button><Button variant="quiet">Quiet</Button><Button variant="danger">Delete</Button><Button variant="primary" busy>Create channel</Button>
        <Button variant="primary" size="sm">Small</Button><IconButton label="Settings" icon={<Settings size={18} />} shortcut="Mod+K" />
        <Menu label="More" trigger={<Button id="menu">Menu</Button>} items={[{ label: 'Edit', icon: <Hash size={16} />, shortcut: 'E' }, { label: 'Checked', checked: true }, { kind: 'separator' }, { label: 'Delete', danger: true }]} />
        <Button id="dlg" onClick={() => setOpen(true)}>Dialog</Button>
      </div>
      <div className="flex items-center gap-2">
        {['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'محمد علي', '山田 太郎', 'Margaret Hamilton', 'Katherine Johnson', 'Linus'].map((name) => <Avatar key={name} name={name} badge={<StatusDot state="on" />} />)}
        <Avatar name="Acme" shape="square" size={36} /><Badge tone="mention">3</Badge><Badge>12</Badge><Badge tone="accent">Owner</Badge><Badge tone="warning">Guest</Badge>
      </div>
      <div className="grid max-w-96">
        <TextField label="E-mail" help="You sign in with it." defaultValue="ada@example.com" />
        <TextField label="Name" error="Write a name." prefix="#" />
        <TextArea label="Topic" optional="Optional" />
        <Select label="Role" value="a" options={[{ value: 'a', label: 'Member' }]} onChange={() => {}} />
        <Switch label="Private" help="Only people who are added can see it." checked={on} onChange={setOn} />
      </div>
      <SegmentedControl label="x" value={tab} options={[{ value: 'a', label: 'Public' }, { value: 'b', label: 'Private' }]} onChange={setTab} className="w-72" />
      <Tabs label="t" value={tab} tabs={[{ value: 'a', label: 'People', count: 12 }, { value: 'b', label: 'Files' }]} onChange={setTab}>panel</Tabs>
      <ErrorNotice>Something is wrong. Check it.</ErrorNotice><ErrorNotice tone="warning">Offline.</ErrorNotice>
      <Skeleton className="h-4 w-60" />
      <div className="rounded-card bg-sunken p-4">sunken <span className="text-quiet">quiet</span> <div className="rounded-control bg-selected p-2">selected</div><div className="rounded-control bg-hover p-2">hover</div></div>
      <EmptyState icon={<Hash size={20} />} title="No channels yet" text="Create one and write the first message." action={<Button variant="primary">Create channel</Button>} />
      {open && <Dialog title="Create a channel" onClose={() => setOpen(false)}>hello</Dialog>}
    </div>
  )
}
