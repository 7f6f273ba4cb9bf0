"use client";
import { Button } from "@mantine/core";
import type { NodeDetail } from "@muster/model/node";
import { formatBytes } from "@muster/model/units";
import dynamic from "next/dynamic";
import { useState } from "react";
import { SimpleTable } from "../table/simple-table.tsx";
import { Icon } from "../ui/icon.tsx";
import { Panel } from "../ui/panel.tsx";

const ImportDialog = dynamic(() => import("./import-template-dialog.tsx").then((file) => file.ImportTemplateDialog), {
  ssr: false,
});

export function NodeTemplates({ node }: { node: NodeDetail }) {
  const [importing, setImporting] = useState(false);
  return (
    <Panel
      title="Templates"
      aside={
        <Button variant="default" leftSection={<Icon name="plus" size={14} />} onClick={() => setImporting(true)}>
          Import template
        </Button>
      }
    >
      <SimpleTable
        label="Templates"
        empty="This node has no template yet: no VPS can be made here before one is imported."
        head={["Name", "Description", "Init", "Size", "SHA-256"]}
        rows={node.templates.map((template) => ({
          key: template.name,
          cells: [
            <strong key="name">{template.name}</strong>,
            template.description,
            template.init,
            formatBytes(template.sizeBytes),
            <code key="sha256" title={template.sha256}>
              {template.sha256.slice(0, 12)}…
            </code>,
          ],
        }))}
      />
      {importing && <ImportDialog nodeId={node.id} onClose={() => setImporting(false)} />}
    </Panel>
  );
}
