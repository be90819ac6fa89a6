/* intake_sql: what the files of the intake share. Nobody else includes this. */
#ifndef TAGOUT_RUNTIME_INTAKE_SQL_H
#define TAGOUT_RUNTIME_INTAKE_SQL_H

#include "runtime/intake.h"
#include "runtime/store.h"

struct Intake {
  Store store;
};

#endif
