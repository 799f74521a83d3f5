/**
 * The supervisor: a program of its own, started by a hook, that waits for the exec of a container's process and puts it
 * under its filter. Importing it elsewhere makes no sense.
 * @module
 */
import { serve } from './serve-request.ts';

serve();
