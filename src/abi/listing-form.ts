/**
 * How listings of BPF programs look that other tools print and people paste. The readers of profiles and of programs both
 * ask here, so that a listing is the same for both.
 *
 * Sources: the tools' own output. `columns`: seccomp-tools 1.7.1, firejail 0.9.72 (fsec-print), libseccomp 2.6.1
 * (scmp_bpf_disasm). `strace`: strace 6.1. `decimal`: bpf_asm and bpf_dbg of Linux 6.18 tools/bpf, tcpdump -ddd,
 * nfbpf_compile.
 * @module
 */

/**
 * How a listing of another tool looks. `columns`: code, jt, jf and k in hexadecimal after a number, as seccomp-tools prints them.
 * `strace`: C's macros, as strace prints them. `decimal`: four decimal numbers a line, as bpf_asm prints them.
 */
export type ListingForm = 'columns' | 'strace' | 'decimal';

/** A row of four hexadecimal columns after its number: ` 0001: 0x15 0x00 0x04 0xc000003e  if …`. */
const COLUMNS = /^[ \t>|]*\d[0-9a-f]{3}:[ \t]+(?:0x)?[0-9a-f]{2}[ \t]+(?:0x)?[0-9a-f]{2}[ \t]/im;
const HEAD = /^[ \t>|]*line[ \t]+(?:CODE|OP)[ \t]+JT[ \t]+JF[ \t]+K[ \t]*\r?$/m;
/** A row of seccomp-tools without its columns. */
const BARE = /^[ \t>|]*\d{4}:[ \t]+(?:[AX] [^\w\s]*=|if \(|return |goto )/m;
const STRACE = /\{\s*len=(?:0x)?[0-9a-f]+,\s*filter=/i;
const DECIMAL =
  /^\s*(?:load bpf\s+)?["']?\d{1,5}\s*[,\n]\s*\d{1,5} \d{1,3} \d{1,3} \d{1,10}\s*(?:[,\n]|["']?\s*$)/;

/** Tells the form of a pasted listing, without parsing it; `undefined` if it is not a listing. */
export function listingForm(text: string): ListingForm | undefined {
  if (COLUMNS.test(text) || HEAD.test(text) || BARE.test(text)) return 'columns';
  if (STRACE.test(text)) return 'strace';
  return DECIMAL.test(text) ? 'decimal' : undefined;
}
