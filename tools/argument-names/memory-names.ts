/**
 * Names of memory: which constants belong together, and where they are defined.
 * @module
 */
import type { NameSetRow } from './name-set-row.ts';

export const memorySets: readonly NameSetRow[] = [
  // mmap(2), mprotect(2): prot
  {
    id: 'protections',
    headers: ['linux/mman.h'],
    names: `PROT_READ PROT_WRITE PROT_EXEC PROT_SEM PROT_GROWSDOWN PROT_GROWSUP PROT_SAO PROT_BTI PROT_MTE`,
  },
  // mmap(2), mprotect(2): prot 0
  {
    id: 'protectionNone',
    headers: ['linux/mman.h'],
    names: `PROT_NONE`,
  },
  // mmap(2): the type in flags
  {
    id: 'mapTypes',
    headers: ['linux/mman.h'],
    names: `MAP_SHARED MAP_PRIVATE MAP_SHARED_VALIDATE MAP_DROPPABLE`,
  },
  // mmap(2): which bits of flags hold the type
  {
    id: 'mapTypeMask',
    headers: ['linux/mman.h'],
    names: `MAP_TYPE`,
  },
  // mmap(2): flags
  {
    id: 'mapFlags',
    headers: ['linux/mman.h'],
    names: `
      MAP_FIXED MAP_ANONYMOUS MAP_32BIT MAP_ABOVE4G MAP_GROWSDOWN MAP_DENYWRITE MAP_EXECUTABLE
      MAP_LOCKED MAP_NORESERVE MAP_POPULATE MAP_NONBLOCK MAP_STACK MAP_HUGETLB MAP_SYNC
      MAP_FIXED_NOREPLACE`,
  },
  // mremap(2): flags
  {
    id: 'remapFlags',
    headers: ['linux/mman.h'],
    names: `MREMAP_MAYMOVE MREMAP_FIXED MREMAP_DONTUNMAP`,
  },
  // msync(2): flags
  {
    id: 'syncFlags',
    headers: ['linux/mman.h'],
    names: `MS_ASYNC MS_INVALIDATE MS_SYNC`,
  },
  // mlockall(2): flags
  {
    id: 'lockAllFlags',
    headers: ['linux/mman.h'],
    names: `MCL_CURRENT MCL_FUTURE MCL_ONFAULT`,
  },
  // mlock2(2): flags
  {
    id: 'lockFlags',
    headers: ['linux/mman.h'],
    names: `MLOCK_ONFAULT`,
  },
  // madvise(2), process_madvise(2): advice
  {
    id: 'advice',
    headers: ['linux/mman.h'],
    names: `
      MADV_NORMAL MADV_RANDOM MADV_SEQUENTIAL MADV_WILLNEED MADV_DONTNEED MADV_FREE MADV_REMOVE
      MADV_DONTFORK MADV_DOFORK MADV_MERGEABLE MADV_UNMERGEABLE MADV_HUGEPAGE MADV_NOHUGEPAGE
      MADV_DONTDUMP MADV_DODUMP MADV_WIPEONFORK MADV_KEEPONFORK MADV_COLD MADV_PAGEOUT
      MADV_POPULATE_READ MADV_POPULATE_WRITE MADV_DONTNEED_LOCKED MADV_COLLAPSE MADV_HWPOISON
      MADV_SOFT_OFFLINE MADV_GUARD_INSTALL MADV_GUARD_REMOVE`,
  },
  // pkey_alloc(2): access_rights
  {
    id: 'protectionKeyRights',
    headers: ['linux/mman.h'],
    names: `PKEY_DISABLE_ACCESS PKEY_DISABLE_WRITE PKEY_DISABLE_EXECUTE PKEY_DISABLE_READ`,
  },
  // memfd_create(2): flags
  {
    id: 'memfdFlags',
    headers: ['linux/memfd.h'],
    names: `MFD_CLOEXEC MFD_ALLOW_SEALING MFD_HUGETLB MFD_NOEXEC_SEAL MFD_EXEC`,
  },
  // mbind(2), set_mempolicy(2): mode
  {
    id: 'policyModes',
    headers: ['linux/mempolicy.h'],
    names: `
      MPOL_DEFAULT MPOL_PREFERRED MPOL_BIND MPOL_INTERLEAVE MPOL_LOCAL MPOL_PREFERRED_MANY
      MPOL_WEIGHTED_INTERLEAVE`,
  },
  // mbind(2), set_mempolicy(2): flags in mode
  {
    id: 'policyModeFlags',
    headers: ['linux/mempolicy.h'],
    names: `MPOL_F_STATIC_NODES MPOL_F_RELATIVE_NODES MPOL_F_NUMA_BALANCING`,
  },
  // mbind(2): flags
  {
    id: 'bindFlags',
    headers: ['linux/mempolicy.h'],
    names: `MPOL_MF_STRICT MPOL_MF_MOVE MPOL_MF_MOVE_ALL`,
  },
  // shmat(2): shmflg
  {
    id: 'sharedMemoryFlags',
    headers: ['linux/shm.h'],
    names: `SHM_RDONLY SHM_RND SHM_REMAP SHM_EXEC`,
  },
  // shmget(2): flags beside IPC_CREAT and IPC_EXCL
  {
    id: 'sharedMemoryCreation',
    headers: ['linux/shm.h'],
    names: `SHM_HUGETLB SHM_NORESERVE`,
  },
  // shmget(2), msgget(2), semget(2): flags
  {
    id: 'ipcCreation',
    headers: ['linux/ipc.h'],
    names: `IPC_CREAT IPC_EXCL`,
  },
  // shmctl(2), msgctl(2), semctl(2): op
  {
    id: 'ipcCommands',
    headers: ['linux/ipc.h'],
    names: `IPC_RMID IPC_SET IPC_STAT IPC_INFO`,
  },
  // shmctl(2): op
  {
    id: 'sharedMemoryCommands',
    headers: ['linux/shm.h'],
    names: `SHM_LOCK SHM_UNLOCK SHM_STAT SHM_INFO SHM_STAT_ANY`,
  },
  // msgctl(2): op
  {
    id: 'messageCommands',
    headers: ['linux/msg.h'],
    names: `MSG_STAT MSG_INFO MSG_STAT_ANY`,
  },
  // semctl(2): op
  {
    id: 'semaphoreCommands',
    headers: ['linux/sem.h'],
    names: `GETPID GETVAL GETALL GETNCNT GETZCNT SETVAL SETALL SEM_STAT SEM_INFO SEM_STAT_ANY`,
  },
  // System V IPC calls: which form the result struct has
  {
    id: 'ipcVersion',
    headers: ['linux/ipc.h'],
    names: `IPC_64`,
  },
  // ipc(2): call
  {
    id: 'ipcCalls',
    headers: ['linux/ipc.h'],
    names: `SEMOP SEMGET SEMCTL SEMTIMEDOP MSGSND MSGRCV MSGGET MSGCTL SHMAT SHMDT SHMGET SHMCTL`,
  },
];
