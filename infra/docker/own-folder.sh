#!/bin/sh
# Gives each replica of a service a folder of its own in one shared volume, /data/1, /data/2 and so on, and a node id to match.
# The lowest folder that nobody holds is taken, so replicas find their folders again after `down` and `up`, and after scaling
# down and up. The lock belongs to an open file that the service inherits: it goes with the process, however that ends.
#   own-folder.sh <prefix of the node id> <command...>
set -eu
prefix=$1
shift
i=1
while :; do
  exec 9>"/data/$i.lock"
  flock -n 9 && break
  i=$((i + 1))
done
export HC_DATA_DIR="/data/$i" HC_NODE_ID="$prefix-$i"
exec "$@"
