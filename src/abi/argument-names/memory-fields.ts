/**
 * Rows of calls about memory.
 * @module
 */
import type { ArchName } from '../architectures.ts';
import { descriptorFlags, type FieldRow, LOW_BYTE, row, s390 } from './field-row.ts';
import type { NameSetId } from './name-sets.generated.ts';

/** Where `mmap` takes one pointer to a struct of all its arguments (`sys_old_mmap` in the syscall tables). */
const structMmap: readonly ArchName[] = ['x86', 'm68k', ...s390];

const protectionSets: readonly NameSetId[] = ['protectionNone', 'protections'];
const mapSets: readonly NameSetId[] = ['mapTypes', 'mapFlags'];

export const memoryRows = (): readonly FieldRow[] => [
  row('mmap 2 prot', 'flags', protectionSets, 'PROT_EXEC with PROT_WRITE lets data run as code', {
    except: structMmap,
  }),
  row('mmap2 2 prot', 'flags', protectionSets, 'PROT_EXEC with PROT_WRITE lets data run as code'),
  row('mprotect pkey_mprotect 2 prot', 'flags', protectionSets, 'PROT_EXEC on memory that was written'),
  row('remap_file_pages 2 prot', 'flags', protectionSets, 'must be 0'),
  row('mmap 3 flags', 'enum+flags', mapSets, 'shared, anonymous, fixed; numbers differ on MIPS and PA-RISC', {
    enumMask: 'mapTypeMask',
    except: structMmap,
  }),
  row(
    'mmap2 3 flags',
    'enum+flags',
    mapSets,
    'shared, anonymous, fixed; numbers differ on MIPS and PA-RISC',
    { enumMask: 'mapTypeMask' },
  ),
  row('mremap 3 flags', 'flags', ['remapFlags'], 'MREMAP_FIXED replaces mappings'),
  row('msync 2 flags', 'flags', ['syncFlags'], 'waiting or not'),
  row('mlockall 0 flags', 'flags', ['lockAllFlags'], 'MCL_FUTURE keeps all memory to come'),
  row('mlock2 2 flags', 'flags', ['lockFlags'], 'locking on the first use'),
  row(
    'madvise 2 advice',
    'enum',
    ['advice'],
    'MADV_HWPOISON breaks pages, MADV_MERGEABLE tells them apart by time',
  ),
  row('process_madvise 3 advice', 'enum', ['advice'], 'advice on the memory of another process'),
  row('pkey_alloc 1 access_rights', 'flags', ['protectionKeyRights'], 'first rights of the key'),
  row('memfd_create 1 flags', 'flags', ['memfdFlags'], 'files without a path that can be executed'),
  row('memfd_secret 0 flags', 'flags', [descriptorFlags], 'closing on execve'),
  row('mbind 2 mode', 'enum+flags', ['policyModes', 'policyModeFlags'], 'memory policy', {
    enumMask: 0xfff,
  }),
  row('set_mempolicy 0 mode', 'enum+flags', ['policyModes', 'policyModeFlags'], 'memory policy', {
    enumMask: 0xfff,
  }),
  row('mbind 5 flags', 'flags', ['bindFlags'], 'MPOL_MF_MOVE_ALL moves pages of others'),
  row('shmat 2 shmflg', 'flags', ['sharedMemoryFlags'], 'SHM_EXEC maps it executable', { octal: true }),
  row('shmget 2 shmflg', 'flags', ['ipcCreation', 'sharedMemoryCreation'], 'creating', {
    octal: true,
  }),
  row('msgget 1 msgflg', 'flags', ['ipcCreation'], 'creating', { octal: true }),
  row('semget 2 semflg', 'flags', ['ipcCreation'], 'creating', { octal: true }),
  row(
    'shmctl 1 op',
    'enum+flags',
    ['ipcCommands', 'sharedMemoryCommands', 'ipcVersion'],
    'removing, locking',
    { enumMask: LOW_BYTE },
  ),
  row('msgctl 1 op', 'enum+flags', ['ipcCommands', 'messageCommands', 'ipcVersion'], 'removing', {
    enumMask: LOW_BYTE,
  }),
  row('semctl 2 op', 'enum+flags', ['ipcCommands', 'semaphoreCommands', 'ipcVersion'], 'removing, setting', {
    enumMask: LOW_BYTE,
  }),
  row('ipc 0 call', 'enum+flags', ['ipcCalls'], 'the call it stands for; the upper half is a version', {
    enumMask: 0xffff,
  }),
];
