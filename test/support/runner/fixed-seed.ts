/**
 * What is drawn in a build of the continuous integration is the same each time: a build fails for what was changed in it, and
 * not by chance. Everywhere else each run draws anew, and goes on finding what nobody thought of.
 */
import fc from 'fast-check';

if (process.env['CI'] === 'true') fc.configureGlobal({ seed: 1 });
