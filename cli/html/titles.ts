/** Names of columns for people, where the column's own is more for programs. */
const titles: Readonly<Record<string, string>> = {
  key: 'name',
  requests_count_total: 'requests',
  requests_count_sync: 'sync',
  requests_count_async: 'async',
  requests_count_exposed: 'exposed',
  requests_count_failed: 'failed',
  requests_count_rejected: 'rejected',
  request_count: 'requests',
  executions_count: 'requests',
  unique_users_count: 'users',
  users_count: 'users',
  country_name: 'name',
  cpu_hours: 'CPU hours',
  gpu_hours: 'GPU hours',
  gpu_hours_active: 'GPU hours, active',
  gpu_hours_allocated: 'GPU hours, allocated',
  completeness: 'status',
  completeness_notes: 'notes',
};

export function titleOf(column: string): string {
  return titles[column] ?? column.replace(/_/g, ' ');
}
