import { JobsList } from "../../../jobs/jobs-list.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";

export const metadata = { title: "Jobs · Muster" };

export default async function Page(props: { searchParams: Promise<{ job?: string | string[] }> }) {
  const { job } = await props.searchParams;
  return (
    <>
      <PageHeader title="Jobs" />
      <JobsList openJobId={typeof job === "string" ? job : null} />
    </>
  );
}
