#!/bin/sh
# desk_http: incidents by HTTP on the loopback interface: what is answered to whom, and that an acknowledged incident is on the disk.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"
. "$tests/live/desk_lib.sh"
command -v curl >/dev/null || { echo "Bail out! curl is missing (Debian package curl)"; exit 1; }

standing http
desk_begins --listen 0
url=http://$(sed -n 's,.*POST http://\([0-9.:]*\)/.*,\1,p' "$world/desk.heard")
tap_is "$(stat -c %a "$desk_dir/token")" 600 "nobody else can read the token"
token=$(cat "$desk_dir/token")

# answers STATUS WHAT CURL-ARGUMENTS...: the body is in $scratch/said.
answers() {
  want=$1 what=$2
  shift 2
  got=$(curl -s -m 20 -o "$scratch/said" -w '%{http_code}' -H "Authorization: Bearer $token" "$@") || got="$got, curl $?"
  if test "$got" = "$want"; then tap_pass "$what: $want"; else
    tap_fail "$what: $want"
    echo "it was $got" | tap_comment
    tap_comment <"$scratch/said"
  fi
}

answers 202 "an incident" "$url/incidents" -d '{"incident": "link_fault", "fields": {"node": "a1"}, "attach": {"logs": "https://logs/a1"}, "key": "H-1"}'
said '"id":1'
desk_ends KILL
exits 0 "it is on the disk, though the desk was killed at once" "$TAGOUT" stand --status
said '^    1  .*by HTTP'
desk_begins --listen 0
url=http://$(sed -n 's,.*POST http://\([0-9.:]*\)/.*,\1,p' "$world/desk.heard")
tap_is "$(cat "$desk_dir/token")" "$token" "callers keep their token"
answers 202 "the same again" "$url/incidents" -d '{"incident": "link_fault", "fields": {"node": "a1"}, "attach": {"logs": "https://logs/a1"}, "key": "H-1"}'
said '"id":1'
answers 409 "its key for another" "$url/incidents" -d '{"fields": {"node": "a2"}, "key": "H-1"}'
said 'E0955'
said '"id":1'
answers 400 "a field that is not there" "$url/incidents" -d '{"fields": {"nod": "a1"}}'
said 'E0954.*has no field `nod`.*did you mean `node`?'
answers 400 "a node that is not there" "$url/incidents" -d '{"fields": {"node": "a9"}}'
said 'field `node`: `a9` is not usable.*did you mean `a1`?'
answers 400 "a value that is none" "$url/incidents" -d '{"fields": {"node": ["a1"]}}'
said 'E0952.*\\"node\\" of \\"fields\\" is a text of one line'
answers 400 "half an incident" "$url/incidents" -d '{"fields": {'
said 'E0952.*it is not JSON'
answers 400 "something else" "$url/incidents" -d '[1, 2]'
answers 400 "nothing" "$url/incidents" -d ''
answers 400 "a key twice" "$url/incidents" -d '{"fields": {"node": "a1", "node": "a2"}}'
answers 400 "a file of this machine" "$url/incidents" -d '{"fields": {"node": "a1"}, "attach": {"logs": "/etc/passwd"}}'
said 'E0956.*is no address'
mkdir "$world/a:"
echo secret >"$world/a:/file"
answers 400 "one that looks like an address" "$url/incidents" -d "{\"fields\": {\"node\": \"a1\"}, \"attach\": {\"logs\": \"$world/a://file\"}}"
said 'E0956.*is no address'
answers 404 "an incident that is not served" "$url/incidents" -d '{"incident": "leak", "fields": {"node": "a1"}}'
said 'E0953.*this desk serves `link_fault`'
answers 404 "another path" "$url/" -d '{}'
answers 405 "another method" -X PUT "$url/incidents" -d '{}'
answers 405 "incidents are not listed" "$url/incidents"
answers 405 "an incident is not changed" -X DELETE "$url/incidents/1"
head -c 70000 /dev/zero | tr '\0' ' ' >"$world/large"
answers 413 "too long" "$url/incidents" --data-binary "@$world/large"
answers 413 "too long, in pieces" -H "Transfer-Encoding: chunked" "$url/incidents" --data-binary "@$world/large"
answers 200 "one to look at" "$url/incidents/1"
said '"incident":"link_fault"'
said '"key":"H-1"'
said '"way":"by HTTP"'
answers 404 "one that is not there" "$url/incidents/99"
answers 404 "one that can be none" "$url/incidents/1x"
right=$token token=0123
answers 401 "a wrong token" "$url/incidents" -d '{"fields": {"node": "a1"}}'
token=$(echo "$right" | tr 0-9a-f f0-9a-e)
answers 401 "another" "$url/incidents/1"
token=$right
tap_is "$(curl -s -o /dev/null -w '%{http_code}' "$url/incidents/1")" 401 "no token"
port=${url##*:}
tap_is "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "http://127.0.0.2:$port/incidents/1" || :)" 000 "it listens on one address"

# Many at once: each is acknowledged, and each is there.
seq 20 | sed "s|.*|url = \"$url/incidents\"\ndata = \"{\\\\\"fields\\\\\":{\\\\\"node\\\\\":\\\\\"b1\\\\\"},\\\\\"key\\\\\":\\\\\"M-&\\\\\"}\"\nheader = \"Authorization: Bearer $token\"\noutput = \"/dev/null\"\nwrite-out = \"%{http_code}\\\\n\"\nnext|" >"$world/many"
sed -i '$d' "$world/many"
tap_is "$(curl -s --no-progress-meter --parallel --parallel-max 20 -K "$world/many" 2>/dev/null | sort | uniq -c | tr -s ' ')" " 20 202" "twenty at once are all taken"
desk_ends
tap_is "$("$TAGOUT" stand --status --format json | grep -o '"key": "M-[0-9]*"' | sort -u | wc -l)" 20 "and all are on the disk"
tap_is "$desk_status" 0 "SIGTERM ends the desk"
tap_done
