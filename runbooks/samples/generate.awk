# generate.awk: makes the sample inventories from the list of clusters beside it. Any POSIX awk; no randomness: the same
# files on every machine. Usage, from anywhere:
#
#     awk -v out=FOLDER -f generate.awk clusters.csv
#
# FOLDER/fleet72/           72 clusters, 18,500 nodes, a table per kind
# FOLDER/toy-1-rack.csv     one GB200 rack: 18 nodes
# FOLDER/toy-8-racks.csv    eight GB200 racks in two rows: 144 nodes
# FOLDER/toy-1-pod/         one H200 pod below eight leaf switches: 32 nodes
#
# Names tell where a thing is: PHX62-r03-n07 is node 7 of rack 3 of PHX62; the parts of a rack are n(ode), x (NVLink
# switch), s(helf), cu (cooling unit); those of a p(od) n(ode), l(eaf). Controllers have addresses of the range that is
# set apart for documentation (2001:db8::/32): cluster, rack or pod, node.

BEGIN {
  FS = ","
  if (out == "") out = "."
  PER_RACK = 18; TRAYS = 9; SHELVES = 8; RACKS_PER_ROW = 8
  PER_POD = 32; LEAVES = 8
  big = out "/fleet72"
  pod = out "/toy-1-pod"
  system("mkdir -p '" big "' '" pod "'")
  print "name,site,site.zone,region,region.group,sku,owner,workload" > (big "/clusters.csv")
  print "name,row,cluster,slot,sku,kw,cooling" > (big "/racks.csv")
  print "name,cluster,kw" > (big "/cooling_units.csv")
  print "name,rack,slot" > (big "/power_shelves.csv")
  print "name,cluster,sku" > (big "/pods.csv")
  print "name,role,cluster,pod,rack" > (big "/switches.csv")
  print "name,rack,pod,slot,leaves,bmc,service,power" > (big "/nodes.csv")
}

# Four nodes of a thousand are out of service when the inventory is taken, most of them in repair; they are off.
function state(i, h) {
  h = (i * i * 37 + i * 7919 + 11) % 65521
  if (h >= 262) return "in_service,on"
  return h % 4 ? "repair,off" : "investigate,off"
}

function gb200_rack(number, cluster, c, r, rack, i) {
  rack = sprintf("%s-r%02d", cluster, r)
  printf "%s,%s-w%d,%s,%d,GB200,120kW,%s-cu\n", rack, cluster, int((r - 1) / RACKS_PER_ROW) + 1, cluster,
    (r - 1) % RACKS_PER_ROW + 1, rack > (big "/racks.csv")
  printf "%s-cu,%s,125kW\n", rack, cluster > (big "/cooling_units.csv")
  for (i = 1; i <= SHELVES; i++) printf "%s-s%d,%s,%d\n", rack, i, rack, i > (big "/power_shelves.csv")
  for (i = 1; i <= TRAYS; i++) printf "%s-x%d,nvlink,%s,,%s\n", rack, i, cluster, rack > (big "/switches.csv")
  for (i = 1; i <= PER_RACK; i++)
    printf "%s-n%02d,%s,,%d,,2001:db8:%d:%d::%d,%s\n", rack, i, rack, i, c, r, i,
      state(number + i) > (big "/nodes.csv")
}

function hopper_pod(number, cluster, sku, c, p, name, leaves, i) {
  name = sprintf("%s-p%02d", cluster, p)
  printf "%s,%s,%s\n", name, cluster, sku > (big "/pods.csv")
  leaves = ""
  for (i = 1; i <= LEAVES; i++) {
    printf "%s-l%d,leaf,%s,%s,\n", name, i, cluster, name > (big "/switches.csv")
    leaves = leaves (i > 1 ? ";" : "") name "-l" i
  }
  for (i = 1; i <= PER_POD; i++)
    printf "%s-n%02d,,%s,%d,%s,2001:db8:%d:%d::%d,%s\n", name, i, name, i, leaves, c, p, i,
      state(number + i) > (big "/nodes.csv")
}

FNR > 1 {
  sub(/\r$/, "")
  printf "%s,%s,%s,%s,%s,%s,%s,%s\n", $1, $2, $5, $4, $3, $6, $7, $8 > (big "/clusters.csv")
  for (unit = 1; unit <= $10; unit++) {
    if ($6 == "GB200") gb200_rack(nodes, $1, FNR - 1, unit)
    else hopper_pod(nodes, $1, $6, FNR - 1, unit)
    nodes += $6 == "GB200" ? PER_RACK : PER_POD
  }
}

function toy_racks(file, cluster, racks, per_row, r, i, rack) {
  file = out "/" file
  print "node,slot,rack,rack.slot,rack.kw,rack.cooling,rack.cooling.kw,row,cluster,site,site.zone,region," \
    "region.group,sku,bmc,service,power" > file
  for (r = 1; r <= racks; r++) {
    rack = sprintf("r%02d", r)
    for (i = 1; i <= PER_RACK; i++)
      printf "%s-n%02d,%d,%s,%d,120kW,%s-cu,125kW,w%d,%s,PHX,America/Phoenix,us-phoenix,US,GB200," \
        "2001:db8::%d:%d,in_service,on\n", rack, i, i, rack, (r - 1) % per_row + 1, rack, int((r - 1) / per_row) + 1, cluster, r, i > file
  }
}

function toy_pod(i, leaves) {
  print "name,role,pod,cluster" > (pod "/switches.csv")
  for (i = 1; i <= LEAVES; i++) {
    printf "leaf%d,leaf,pod1,TOYPOD\n", i > (pod "/switches.csv")
    leaves = leaves (i > 1 ? ";" : "") "leaf" i
  }
  print "name,pod,slot,cluster,site,site.zone,region,region.group,sku,leaves,bmc,service,power" > (pod "/nodes.csv")
  for (i = 1; i <= PER_POD; i++)
    printf "n%02d,pod1,%d,TOYPOD,AMS,Europe/Amsterdam,eu-amsterdam,EU,H200,%s,2001:db8::%d,in_service,on\n",
      i, i, leaves, i > (pod "/nodes.csv")
}

END {
  toy_racks("toy-1-rack.csv", "TOY1", 1, 1)
  toy_racks("toy-8-racks.csv", "TOY8", 8, 4)
  toy_pod()
}
