/* check-proof: does a certificate hold for a program? Nothing is proved here, and nothing of the prover is used. */
#include <config.h>

#include "cli/output.h"
#include "cli/verb.h"
#include "lang/certificate/certificate.h"

#include <stdio.h>

static const Option options[] = {{NULL, NULL, NULL}};

static ExitCode check(const Args *args, const Buf *image, const Buf *proof, Arena *arena) {
  DiagSink *sink = diag_sink_new(arena, NULL);
  const Program *program = program_read(args->words[0], (const uint8_t *)image->data, image->len, arena, sink);
  Buf why = BUF_INIT;
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  if (!program) return EXIT_USAGE;
  bool holds = cert_check(program, (const uint8_t *)proof->data, proof->len, &why);
  if (holds) printf("%s: the certificate holds for `%s`\n", args->words[1], program_str(program, program->name));
  else printf("%s: refused: %s\n", args->words[1], why.data);
  buf_done(&why);
  return holds ? EXIT_DONE : EXIT_CHECK;
}

static ExitCode run(const Args *args) {
  Buf image = BUF_INIT, proof = BUF_INIT;
  Arena *arena = arena_new();
  bool read = read_file(args->words[0], &image) && read_file(args->words[1], &proof);
  ExitCode code = read ? check(args, &image, &proof, arena) : EXIT_USAGE;
  arena_free(arena);
  buf_done(&image);
  buf_done(&proof);
  return code;
}

const Verb verb_check_proof = {
    .name = "check-proof", .usage = "FILE.program FILE.proof", .summary = "check what a proof left behind",
    .help = "A certificate lists every state that a run can be in. It is checked that the first state is among them, that no step of the\n"
            "program leads outside, whatever fails, and that none of them is bad. Exit code 1: it is refused, with the reason.",
    .options = options, .least = 2, .most = 2, .run = run};
