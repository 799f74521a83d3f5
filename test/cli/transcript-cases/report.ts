/** `report`. */
import { type Case, getppid, host, plain } from './case.ts';

export const reportCases: readonly Case[] = [
  {
    name: 'report',
    command: ['report', plain, ...host, '--table', '2.6.1', '-o', '{folder}/report.html'],
  },
  { name: 'report-program', command: ['report', '-', ...host], options: { input: getppid } },
  {
    name: 'report-program-other',
    command: ['report', plain, ...host, '--against', '-', '-o', '{folder}/none.html'],
    options: { input: getppid },
  },
  { name: 'report-process', command: ['report', 'pid:1', ...host, '-o', '{folder}/none.html'] },
  {
    name: 'report-process-other',
    command: ['report', plain, ...host, '--against', 'pid:1', '-o', '{folder}/none.html'],
  },
  { name: 'report-missing', command: ['report', 'docker-defualt', ...host] },
  {
    name: 'report-missing-other',
    command: ['report', plain, ...host, '--against', 'none.json', '-o', '{folder}/none.html'],
  },
  { name: 'report-unwritable', command: ['report', plain, ...host, '-o', '{folder}/none/report.html'] },
];
