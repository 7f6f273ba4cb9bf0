import { PageHeader } from "../../../../ui/page-header.tsx";
import { CreateForm } from "../../../../vps/create-form.tsx";

export const metadata = { title: "Create VPS · Muster" };

export default async function Page(props: { searchParams: Promise<{ node?: string | string[] }> }) {
  const { node } = await props.searchParams;
  return (
    <>
      <PageHeader title="Create VPS" />
      <CreateForm nodeId={typeof node === "string" ? node : null} />
    </>
  );
}
