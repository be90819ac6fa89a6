#!/bin/sh
# syntax.sh: writes docs/reference/syntax.md to standard output: the grammar as below, the words from lang/keyword.def.
# Run in the top of the sources:
#   sh docs/syntax.sh >docs/reference/syntax.md
# tests/syntax-page.sh holds the page to the table.
set -eu
cat <<'TEXT'
# Syntax

How a runbook is written: the text, the words, and the grammar with an example of each construct. What the constructs mean is
said on the other pages. `tagout fmt` brings a file into the one layout; it never changes what the file says.

## Text

A file is UTF-8 and ends in `.runbook`. It may begin with a byte order mark and have lines that end in CR LF; NUL, invalid
bytes and controls that turn the direction of the text are refused. It has at most 64 MiB.

`#` begins a comment, which ends with its line.

**Lines.** A statement ends with its line. It goes on where

- the line ends in `, ( { = : < > <= >= + - * / .` or in one of the words of the table below that wait for more,
- the next line begins with one of those signs, with `)` or a text, with one of the words that go on, or with `in order`,
  `on failed`, `on unknown`, `on no`, `on silence`,
- a parenthesis is open.

In front of `}` and at the end of the file a line ends by itself: `step look { wait 5min }`. A gate and the `for each` on the
line behind its first are one statement, and so are an `attempt` and the `roll back` on the line behind its block.

**Names** are letters, digits and `_`, and do not begin with a digit. Letters are those of any script; names are brought into
normalisation form C, so that two spellings of `é` are one name. A name has at most 255 bytes and no hyphen.

**Words** of the language are names where they mean nothing: `owner`, `step` or `state` can be a parameter or an attribute. A
*reserved* word can follow an expression, or is needed to read on, and is never a name. A word that *opens* a statement or a
clause is no name of what is called, bound or given in a test. Behind a `.` every word is a name.

**Numbers** have a unit: `18`, `6%`, `250ms`, `30min`, `1h 30min`, `1.5h`, `125kW`, `35degC`, `80lpm`, `64GB`, `11:00`, `23:59:30`,
`2026-01-18`, `2026-01-18T11:00Z`. A blank before the unit is allowed, and `fmt` removes it. `5 nodes` is a count of nodes.

**Texts** stand in double quotes on one line: `"${n.name} stays on"`. The escapes are `\"`, `\\`, `\n`, `\t`, `\$` and `\u{1F600}`.
`${` holds an expression, which may hold texts again. A text has at most 65535 bytes.

Brackets and blocks nest at most 200 deep; a statement has at most 1000 operators.

## Grammar

`x?` is an x or nothing, `x*` any number of them, `x, ...` one or more with commas between them; `|` separates alternatives. Quoted
words stand for themselves. Clauses in brackets `[ ]` stand in any order, each at most once unless `*` follows. Lines of a block stand one
per line; only the clauses of a contract may share one.

### Files

    file        = ("module" name)? declaration*
    declaration = "use" name, ...
                | kind | type | fact | role | channel | metric | action | automation | hazard | setting | policy | site
                | runbook | procedure | test | incident | campaign

### Kinds, types, facts, people

    kind    = "kind" name ["in" name] ["plural" name] [text] ("{" attribute* "}")?
    attribute = "key" name (":" typename)? | name ":" ("own" name | typename)
    type    = "type" name ":" values
    fact    = "fact" name "of" name, ... ":" (typename | values) text?
    metric  = "metric" name "of" name, ... ":" typename text?
    role    = "role" name text?
    channel = "channel" name text?
    typename = name | "list" "of" name
    values  = name, name, ...           # two or more; `on` may be one

One word behind the colon names a type, several are the values of an enumeration.

### Contracts

    action  = "action" name "(" (name ":" typename), ... ")" text? "{" clause* "}"
    clause  = "needs" condition
            | "makes" effect, ... | "also" "makes" effect, ...
            | "learns" of, ...
            | "on failure" effect, ...
            | "may land" "until" operand "after"
            | "takes" operand ("to" operand)? ("," "at" "most" operand)?
            | "through" name (number "at" "once" ("per" name)? overdue? | number "per" period)?
            | "in flight" "at" "most" operand "per" name overdue?
            | "undo" (call | "none")
            | "repeat" ("safe" | "check" condition | "ask")
    overdue = "," "at" "most" operand "overdue"
    effect  = ("every" binder ":")? of ("is" | "may" "be" | "may" "become") name, ...
    setting = "setting" name text? "of" name, ... ":" (typename | values) ("{" clause* "}")?

```runbook fragment
needs lockout of nsd, anvil on n
makes power of n is off
on failure power of n may be on, off
may land until 15min after
takes 2min to 8min, at most 15min
undo power_on(n)
repeat check power of n is off
```

Among effects, a value that stands alone belongs to the effect before it. `needs lockout of nsd on every n in nodes of r` is read as `needs
every n in nodes of r: lockout of nsd on n`. The clauses of a declaration are kept in the order above, also in the tree.

### Automations, hazards, policies

    automation = "automation" name text? "{" (
                   "on" name ":" typename
                 | "when" condition ("," name, ...)? ":" effect, ... text?
                 | "lock" "takes" operand ("to" operand)? ("," "at" "most" operand)? "," "quiet" "within" operand
                 | "backlog" ("discard" | "replay") )* "}"
    hazard  = "hazard" name "on" name ":" typename text? "{" (("when" condition ("," name, ...)? ":")? effect, ... text?)* "}"
    policy  = "policy" name "(" (name ":" typename), ... ")" text? "{" rule* "}"
    rule    = "never" "make" of "not"? name, ... unless?
            | "never" call unless?
            | "never" "let" "an" "automation" "make" of name, ... unless?
            | "finally" "every" "lockout" "is" "released" "or" "handed" "over"
            | "finally" "nothing" "handed" "over" "unless" "it" "or" "its" "container" "failed"
    unless  = "unless" condition

In `when power of n may be off, unknown: ...` the words behind the comma are further values of the last comparison.

### Runbooks

    runbook = "runbook" name text? "{" head* (statement* | standing) "}"
    procedure = "procedure" name "(" (name ":" typename), ... ")" text? block
    head    = "owner" text
            | "use" name, ...
            | "obey" name, ...
            | "param" name ":" typename ("=" condition)? text?
            | "select" name "=" binder ("after" "step" name)?
            | "leave" "out" binder ("," "at" "most" operand)?
            | "window" (name, ... | "daily") operand "to" operand "in" zone
              ["," "end" ("hard" | "soft")] ["," "except" date, ...] ["," "freeze" "from" text]
            | "budget" name "out" ":" ("at" "most" limit), ...
            | "goal" ["finish" "within" operand] ["," "at" "least" operand "back"]
            | "require" condition text?
            | "emergency" condition "on" (name ":")? name text? "{"
                "preempts" "runs" "on" name ["may" "skip" name, ...] statement* "}"
            | "while" condition "start" "no" "member" ("," "others" "go" "on" "to" "a" "safe" "point")?
    zone    = set | text

```runbook fragment
owner "hpc-maintenance"
param soft : duration = 10min "how long a tray may take"
select nodes = n in Node where n.rack in racks
leave out n in nodes where service of n is not in_service, at most 1% of nodes
window Mon, Wed 11:00 to 20:00 in site.zone, end hard, except 2026-01-05
budget nodes out: at most 1800 at once, at most 1800 per day in "UTC"
goal finish within 9h, at least 98% of nodes back
require storm_hold of site is clear "a storm hold stands"
emergency leak of r.cooling is wet on Rack "Cut the rack" {
  preempts runs on r
  may skip drain, shut_down
  power_off(nodes of r)
}
```

The clauses of the head stand in any order before the first statement; a `select ... after step` may stand behind it.

### Incidents

    incident = "incident" name text? "{" (name ":" typename text?)* "}"
    standing = "on incident" name "as" name "{" statement* "}"
    oneper  = "one" "run" "per" operand
              ["," "repeats" "within" operand "join" "it"] ["," "at" "most" operand "at" "once"]
              ["," "at" "most" operand "per" name "per" period] ["else" ("run" call | exit)]

```runbook fragment
select nodes = n in Node where n is i.node
on incident nvlink_fault as i {
  one run per i.node, repeats within 2h join it, at most 5 at once, at most 2 per node per 24h
    else run to_repair(i.node)
  end "no logs attached" unless i.logs attached
  run reboot(i.node)
}
```

Fields may share a line. `attachment` is the type of what may come with an incident. `on incident` stands in a runbook, and `one run per`
anywhere in its block. What it means stands in [Standing runbooks](standing.md).

### Campaigns

    campaign = "campaign" name text? "{" (head | plan)* "}"
    plan    = "from" operand ("by" operand)?
            | "size" operand
            | "takes" operand
            | "through" name number "per" period
            | "order" phase ("then" phase)*
            | "next phase when" ("started" | "done")
            | "rolling" ("where" comparison)? ":" operand "per" period
            | "spread" "over" operand ("where" comparison)? ":" "at" "most" operand "per" period
            | "limit" limit ("where" comparison)? ("until" operand ("," "then" operand)?)?
            | "after a failed day" ":" slip, ...
            | "run" call
    phase   = comparison "first" | operand ("descending"? | "as" name, ...)
    slip    = "next date skipped" | "that" name "last" | "stop" "after" operand

```runbook fragment
campaign fleet_repave "Repave of the fleet" {
  owner "fleet operations"
  select clusters = c in Cluster where c.sku is H100
  window daily 11:00 to 20:00 in c.site.zone, end hard
  budget nodes out: at most 1800 per day in "UTC"
  from 2026-01-05 by 2026-01-18
  takes 4h
  through nsd 300 per hour
  order count of all nodes of c <= 400 first then c.owner as research, applied
  rolling where count of all nodes of c > 400: 6% of nodes per day
  limit 2 clusters per day where count of all nodes of c > 400 until 2026-01-11, then 1
  after a failed day: next date skipped, that cluster last, stop after 2
  run repave_cluster(c)
}
```

All lines stand in any order; what they mean stands in [Campaigns](campaigns.md).

### Fan-out

    fan     = "for" "each" (binder | name "given" name ("where" condition)?) fanclause*
    fanclause = ["ordered" "by" key ("then" key)*]
            | "," limit
            | "," "stop" "after" operand name? "set" "aside" ("per" name ("in" zone)?)?
            | ["," "starts" "only" "while" "it" "fits"]
            | ["else" exit]
    key     = operand ("as" name, ... | "descending")?
    limit   = operand "at" "once" ("per" name)? | "all" "at" "once" | operand "per" period ("in" zone)?
    period  = operand | "second" | "minute" | "hour" | "day" | "week"
    binder  = name "in" set ("where" condition)?

```runbook fragment
step up "Power up" for each r in racks where feed of r.row is closed
    ordered by r.row then r.slot descending, 4 at once, 2 per 10min,
    stop after 2% of racks set aside, starts only while it fits {
  run bring_up(r)
}
```

`second` to `week` behind `per` are units there; a parameter of that name cannot be used in this place.

### Statements

    block   = "{" statement* "}"
    statement =
        call option* branch*
      | "confirm" condition ["held" "for" operand] ["within" operand] branch*
      | "wait" operand
      | "gate" text "by" name "as" name fan? ["within" operand | "until" "last" "safe" "moment"] ["asks" name ":" typename]* branch*
      | "step" name text? fan? block
      | fan block
      | "when" condition block ["otherwise" block] ["unknown" block]
      | "decide" "on" condition "{" arm* "}"
      | "throughout" "{" (condition ("over" operand)?)* "}" ("else" "start" "no" "more" "," exit)* block?
      | "lockout" name, ... "on" set ["," limit]* ["because" text] branch* "{" release* handover* statement* "}"
      | "attempt" block "roll" "back" block
      | "remember" of "as" name
      | "notify" name text
      | "run" call
      | "setting" name "of" set "is" value branch* block
      | "safe" "point"
      | exit ("unless" condition)?
      | oneper
    call    = name "(" condition, ... ")"
    option  = ","? "within" operand | ","? "retry" operand "after" operand
    branch  = ("else" | "on failed" | "on unknown" | "on no" | "on silence") (exit | call option* | block)
    arm     = ("at" "least" operand | "at" "most" operand | "is" value, ... | "unknown" | "otherwise") block
    release = "release" "each" name "when" condition
              ["in order" name, ...] ["first" operand] ["watch" operand] ["as" "soon" "as" "it" "is" "done"]
    handover = "otherwise" "hand" "over" "to" name
    exit    = "set" "aside" set text
            | "keep" "out" set? text
            | "roll" "back" text?
            | "end" text
            | "fail" text
            | "hold" text "for" name operand "," "then" exit

```runbook fragment
shut_down(n) within soft, retry 1 after 2min else power_off(n) else set aside r "${n.name} stays on"
switch_trays_off(r) on failed set aside r "they stay on" on unknown {
  notify severity "look at ${r.name}"
  hold "no answer" for shift_lead 30min, then roll back
}
gate "The breakers may open" by facility as go for each w in rows of racks within 1h
  asks work_order : text on no roll back on silence keep out w "nobody answers"
decide on reset_level of n {
  is warm, cold { reset_nic(n) }
  unknown { set aside n "no answer" }
  otherwise { }
}
throughout {
  unreachable of c at most 0.5% of nodes of c over 5min
} else start no more, roll back
```

`EXIT unless CONDITION` leaves where the condition is not known to hold.

Branches do not nest: in `A on failed B on unknown C` both belong to A. Only `else` behind a call is that call's own: in
`A else B else C`, C is for B. The clauses of `release` are separated by commas; the first needs none.

### Sites

    site    = "site" name text? "{" siteline* "}"
    siteline = "zone" text
            | "fleet" name text
            | "bind" name "(" name, ... ")" "by" name argument*
            | "bind" name "of" name ":" typename "by" name argument* ("every" operand)?
            | "bind" name ("lock" | "unlock" | "state" | "set" | "get") "(" name, ... ")" "by" name argument*
            | "bind" name "(" name, ... ")" "by" "native" argument* "(" typename, ... ")" ":" typename
            | "role" name argument*
            | "channel" name name argument*
            | "metric" name "of" name, ... ":" typename name argument* ("stale" "after" operand)?
    argument = text | number | name ("." name)*

```runbook fragment
site phx "Phoenix" {
  zone "America/Phoenix"
  fleet csv "fleet/phx-nodes.csv"
  bind shut_down(n) by exec "bmc" "off" n.bmc
  bind power of n: Node by exec "bmc" "state" n.bmc every 10s
  bind nsd lock(x) by exec "nsdctl" "disable" x.name
  role facility signers "keys/facility.allowed"
}
```

### Tests

    test    = "test" text "of" name "{" (given | "expect" expectation, ...)* "}"
    given   = "given" "fleet" text
            | "given" ("param" | "incident") name "=" condition
            | "given" "start" date time "in" text
            | "given" "seed" number
            | "given" name ("lock" | "unlock" | "state")? ("on" member)? outcome
            | "given" name "of" member "is" (name | quantity) ("at" operand | "during" "step" name)? ("for" operand)?
            | "given" "answer" ("yes" | "no") "to" name ("on" member)? ("after" operand)?
            | "given" "no" "answer" "to" name ("on" member)?
            | "given" ("crash" | "cancel") "during" "step" name ("," "resume" "after" operand)?
    outcome = ("fails" | "succeeds") times | "is" "unknown" times ("," "landing" operand "later")?
    times   = "once" | "always" | number "times"
    member  = name text                 # rack "r03"
    expectation =
              "outcome" name
            | left member ("," text)* | "nothing" left
            | ("every" "automation" | name) "unlocked" ("except" "on" (member | text) ("," text)*)?
            | name "of" member "is" "not"? value
            | name "out" "at" "most" operand
            | "finish" "within" operand
    left    = "handed" "over" | "set" "aside" | "kept" "out" | "left" "out" | "done"

```runbook fragment
test "one rack does not come back" of gb200_dc_power {
  given shut_down on node "r05-n07" is unknown once, landing 12min later
  expect handed over rack "r03", "r04"
  expect every automation unlocked except on rack "r03"
}
```

### Conditions

    condition = quantified | comparison
    quantified = ("every" | "some") name "in" set ("where" comparison)? ":" condition
            | "count" binder
    comparison = operand
            | operand "is" "not"? value
            | operand "may" "be" (name | "(" value, ... ")")
            | operand "not"? "in" (set | "(" value, ... ")")
            | operand ("<" | "<=" | ">" | ">=" | "at" "most" | "at" "least") operand
            | "lockout" "of" name, ... "on" set
            | call "tried" ("since" call)?
            | operand "attached"
            | "gate" name
            | "emergency"
            | "not" comparison | comparison "and" comparison | comparison "or" comparison
    value   = operand | "on"
    operand = number | number name | number "of" (set | number | "each" number)
            | text | "true" | "false" | name | of | "count" "of" set
            | operand "." name
            | operand ("+" | "-" | "*" | "/") operand | "-" operand
            | "(" condition ")"
    of      = "all"? name "of" set
    set     = name | of | set "." name

```runbook fragment
require every r in racks where r.kw > 100kW: leak of r.cooling is dry and coolant of r.cooling is flowing
require (count n in nodes where power of n is on) >= 16 or not careful
```

From the tightest: `.`, `of`, `-` in front, `* /`, `+ -`, comparisons, `not`, `and`, `or`. A quantifier takes the whole rest of the condition, so
inside one it stands in parentheses. `power of n.rack` is the power of the rack. Comparisons do not chain. `is` and `is not` compare;
`==`, `!=`, `&&`, `||`, `!` and `=` are understood and refused with the word to write.

## Layout

`tagout fmt` writes two blanks per block and lines of at most 100 columns, broken in front of clauses rather than inside them; the rest of a
broken line is indented, deeper where a block follows. Clauses are put into the order of this page. A block stays on its line if it
stood on one, holds one statement without blocks, and fits. The words of a contract and the names of attributes form columns, and so do
comments behind lines that follow each other. One blank line is kept where there were some. Comments keep their places; one in the
middle of a statement goes behind the line that it ends up in.

A file with a syntax error is left alone.

## Words

| word | | line | |
|---|---|---|---|
TEXT
awk -f docs/syntax.awk lang/keyword.def
