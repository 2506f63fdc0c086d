// The keys of the Compose Specification, so that one that is misspelt is told from one that is not carried over.
// https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json (Apache-2.0)

/** At the top of a compose file. */
export const fileKeys: readonly string[] = [
  ..."version name include services networks volumes secrets configs models".split(" "),
];

/** Of a service. */
export const serviceKeys: readonly string[] = [
  ..."annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name".split(
    " ",
  ),
  ..."cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset".split(" "),
  ..."credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname".split(
    " ",
  ),
  ..."driver_opts entrypoint env_file environment expose extends external_links extra_hosts gpus group_add".split(" "),
  ..."healthcheck hostname image init ipc isolation label_file labels links logging mac_address mem_limit".split(" "),
  ..."mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable".split(" "),
  ..."oom_score_adj pid pids_limit platform ports post_start pre_start pre_stop privileged profiles provider".split(
    " ",
  ),
  ..."pull_policy pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open".split(
    " ",
  ),
  ..."stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts".split(
    " ",
  ),
  ..."volumes volumes_from working_dir".split(" "),
];
